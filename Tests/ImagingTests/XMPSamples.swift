/// XMP packets.
enum XMPSamples {
    /// A packet with these attributes and elements, in which every prefix that the tests use is declared.
    static func packet(_ attributes: String, _ elements: String) -> [UInt8] {
        let namespaces = [
            "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "dc": "http://purl.org/dc/elements/1.1/",
            "tiff": "http://ns.adobe.com/tiff/1.0/", "exif": "http://ns.adobe.com/exif/1.0/",
            "xmp": "http://ns.adobe.com/xap/1.0/", "drone-dji": "http://www.dji.com/drone-dji/1.0/",
            "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/", "GCamera": "http://ns.google.com/photos/1.0/camera/",
            "other": "http://example.org/unknown/",
        ].sorted { $0.key < $1.key }.map { "xmlns:\($0.key)=\"\($0.value)\"" }.joined(separator: " ")
        let text = """
            <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF \(namespaces)><rdf:Description rdf:about="" \(attributes)>\(
                elements)</rdf:Description></rdf:RDF></x:xmpmeta>
            """
        return Array(text.utf8)
    }
}
