extension ImageMetadata {
    /// Which metadata a result may carry.
    public struct Policy: Sendable, Equatable {
        /// Whether to keep EXIF, XMP, IPTC and texts.
        public var keepsMetadata: Bool
        /// Whether to keep the GPS position.
        public var keepsLocation: Bool

        /// Makes a policy. By default only the resolution and the colour profile are kept.
        public init(keepsMetadata: Bool = false, keepsLocation: Bool = false) {
            self.keepsMetadata = keepsMetadata
            self.keepsLocation = keepsLocation
        }
    }

    /// The metadata of a result: everything that the policy allows, without what describes the input file only.
    ///
    /// Resolution and profile are always kept. EXIF, XMP and IPTC are taken apart and written anew from the parts that
    /// may stay, so no byte of the input that the parsers do not understand reaches the result. EXIF tags must be in
    /// `ExifTagList`. Thumbnails and maker notes are always left out: a thumbnail shows the input, and maker notes may
    /// contain the position, in formats that differ by camera.
    public func filtered(by policy: Policy) -> ImageMetadata {
        var result = ImageMetadata()
        result.horizontalResolution = horizontalResolution
        result.verticalResolution = verticalResolution
        result.profile = profile
        guard policy.keepsMetadata else { return result }
        result.notes = notes
        result.statesColourSpace = statesColourSpace
        var removedLocation = false
        result.filterExif(exif, keepsLocation: policy.keepsLocation, removedLocation: &removedLocation)
        result.filterXMP(xmp, keepsLocation: policy.keepsLocation, removedLocation: &removedLocation)
        result.filterIPTC(iptc, keepsLocation: policy.keepsLocation, removedLocation: &removedLocation)
        for text in texts {
            if !policy.keepsLocation && (LocationWords.areInName(text.keyword) || LocationWords.areInText(text.text)) {
                removedLocation = true
            } else {
                result.texts.append(text)
            }
        }
        if removedLocation {
            result.notes.append("The position where the image was taken was removed from the metadata.")
        }
        return result
    }

    private mutating func filterExif(_ tags: [ExifTag], keepsLocation: Bool, removedLocation: inout Bool) {
        var odd: [String] = []
        for tag in tags {
            if !keepsLocation && (tag.directory == .gps || tag.number == ExifTagList.gpsPointer) {
                removedLocation = true
            } else if tag.directory == .photo && tag.number == ExifTagList.makerNote {
                notes.append("The camera's maker notes were not kept.")
            } else if ExifTagList.keeps(tag) {
                // A comment in UTF-16 has a zero byte between its letters.
                let text = ImageText.latin1(tag.value.filter { $0 != 0 })
                if !keepsLocation && ExifTagList.isText(tag) && LocationWords.areInText(text) {
                    removedLocation = true
                } else if Exiv2Block.hasStandardType(tag) {
                    exif.append(tag)
                } else {
                    odd.append(Self.name(tag))
                }
            } else if !ExifTagList.describesFile(tag) {
                odd.append(Self.name(tag))
            }
        }
        guard !odd.isEmpty else { return }
        let rest = odd.count > 10 ? " and \(odd.count - 10) more" : ""
        notes.append("These EXIF tags were not kept: \(odd.prefix(10).joined(separator: ", "))\(rest).")
    }

    private static func name(_ tag: ExifTag) -> String {
        let digits = String(tag.number, radix: 16)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private mutating func filterXMP(_ packet: [UInt8]?, keepsLocation: Bool, removedLocation: inout Bool) {
        guard let packet, !packet.isEmpty else { return }
        var (foundLocation, foundForeign) = (false, false)
        let remainder = Exiv2Block().filteredXMP(packet) { key, value in
            if !keepsLocation && (LocationWords.areInXMPKey(key) || LocationWords.areInText(value)) {
                foundLocation = true
                return true
            }
            if XMPProperties.belongsToMissingData(key) {
                foundForeign = true
                return true
            }
            return XMPProperties.describesFile(key)
        }
        guard let remainder else {
            notes.append("The XMP data are damaged and were not kept.")
            return
        }
        xmp = remainder.bytes
        removedLocation = removedLocation || foundLocation
        if foundForeign {
            notes.append(
                "The XMP properties of a gain map, motion photo, depth map, panorama or thumbnail were not kept, "
                    + "because they do not describe the result.")
        }
    }

    private mutating func filterIPTC(_ dataSets: [UInt8]?, keepsLocation: Bool, removedLocation: inout Bool) {
        guard let dataSets, !dataSets.isEmpty else { return }
        var foundLocation = false
        let remainder = Exiv2Block().filteredIPTC(dataSets) { key, value in
            if !keepsLocation && (LocationWords.areInName(key) || LocationWords.areInText(value)) {
                foundLocation = true
                return true
            }
            return key.hasPrefix("Iptc.Application2.Preview")
        }
        guard let remainder else {
            notes.append("The IPTC data are damaged and were not kept.")
            return
        }
        iptc = remainder.bytes
        removedLocation = removedLocation || foundLocation
    }
}
