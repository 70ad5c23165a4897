/// Detects JPEG files from which whole scans are missing.
///
/// A progressive file stores an image in several scans, each of which adds detail. A file that was cut between two
/// scans is decoded without a warning, as a coarse image.
enum JPEGScans {
    /// Whether the scans contain every component, and for a progressive file every coefficient in full precision.
    ///
    /// If the first scan of a sequential file contains all components, only the bytes before it are read.
    static func areComplete(in file: FileBytes) -> Bool {
        let markers = JPEGMarkers(file: file)
        var offset = 2
        var frame: Frame?
        while let marker = markers.nextMarker(at: offset) {
            switch marker.code {
            case JPEGMarkers.endOfImage: return frame?.isComplete ?? true
            case 0xD0...0xD8, 0x01: offset = marker.end
            default:
                let lengthBytes = file.read(at: marker.end, count: 2)
                guard lengthBytes.count == 2 else { return true }
                let length = BigEndian.number(lengthBytes)
                let body = file.read(at: marker.end + 2, count: min(length, 1024))
                switch marker.code {
                case 0xC0...0xC2, 0xC9, 0xCA:
                    frame = frame ?? Frame(body, isProgressive: [0xC2, 0xCA].contains(marker.code))
                case JPEGMarkers.startOfScan: frame?.add(scan: body)
                default: break
                }
                if let frame, !frame.isProgressive, frame.isComplete { return true }
                offset = marker.end + length
            }
        }
        return frame?.isComplete ?? true
    }

    /// The components of a file and what its scans have contained so far.
    private struct Frame {
        let isProgressive: Bool
        /// For each component, by its identifier: the number of missing low bits of each coefficient; -1 for a
        /// coefficient that no scan contained.
        private var missingBits: [UInt8: [Int]] = [:]

        /// Reads a frame header; nil if it is damaged.
        init?(_ body: [UInt8], isProgressive: Bool) {
            self.isProgressive = isProgressive
            guard body.count >= 6, body.count >= 6 + 3 * Int(body[5]) else { return nil }
            for index in 0..<Int(body[5]) {
                missingBits[body[6 + 3 * index]] = [Int](repeating: -1, count: isProgressive ? 64 : 1)
            }
        }

        var isComplete: Bool { missingBits.values.allSatisfy { $0.allSatisfy { $0 == 0 } } }

        /// Reads a scan header: the number of components, two bytes for each, and the range of coefficients.
        mutating func add(scan body: [UInt8]) {
            guard let count = body.first.map(Int.init), body.count >= 4 + 2 * count else { return }
            let (first, last) = (Int(body[1 + 2 * count]), Int(body[2 + 2 * count]))
            for index in 0..<count {
                let component = body[1 + 2 * index]
                guard isProgressive else {
                    missingBits[component] = [0]
                    continue
                }
                guard first <= last, last < 64 else { return }
                for coefficient in first...last {
                    missingBits[component]?[coefficient] = Int(body[3 + 2 * count] & 0x0F)
                }
            }
        }
    }
}
