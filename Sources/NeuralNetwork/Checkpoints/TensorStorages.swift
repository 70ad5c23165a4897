/// The numbers of a checkpoint's storages, wherever they lie in the file.
struct TensorStorages {
    private let bytes: [UInt8]
    // Each storage is located once, because that reads all of it for its checksum.
    private var located: [String: Range<Int>] = [:]
    private let locate: (PickleGraph.Storage) throws(NeuralNetworkError) -> Range<Int>

    /// - Parameter locate: Where a storage's bytes are; it throws when they are not all there.
    init(bytes: [UInt8], locate: @escaping (PickleGraph.Storage) throws(NeuralNetworkError) -> Range<Int>) {
        self.bytes = bytes
        self.locate = locate
    }

    var byteCount: Int { bytes.count }

    /// Copies a view, whatever its strides, into a tensor of its own.
    ///
    /// - Parameter budget: How many numbers may still be made; reduced by those of this tensor.
    mutating func tensor(
        _ view: PickleGraph.View, of storage: PickleGraph.Storage, entry: String, name: String, budget: inout Int
    ) throws(NeuralNetworkError) -> Tensor {
        func malformed(_ what: String) -> NeuralNetworkError {
            NeuralNetworkError(.malformed, "\(name): the entry \"\(entry)\" \(what).")
        }
        guard view.size.count == view.stride.count, view.size.count <= 8, view.offset >= 0,
            view.size.allSatisfy({ $0 >= 0 }), view.stride.allSatisfy({ $0 >= 0 })
        else { throw malformed("has an impossible shape") }
        // An extent of 0 or 1 beside others hides no overflow: each product is checked by itself.
        var count = 1
        var last = view.offset
        for (size, stride) in zip(view.size, view.stride) {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            let (reach, far) = max(0, size - 1).multipliedReportingOverflow(by: stride)
            let (sum, beyond) = last.addingReportingOverflow(reach)
            guard !overflow, !far, !beyond else { throw malformed("has an impossible shape") }
            (count, last) = (product, sum)
        }
        let range: Range<Int>
        if let known = located[storage.key] { range = known } else { range = try locate(storage) }
        located[storage.key] = range
        guard count == 0 || last < storage.count else { throw malformed("reaches beyond its storage") }
        guard count <= budget else { throw malformed("is larger than the file allows") }
        budget -= count

        return Tensor(shape: view.size) { values in
            bytes.withUnsafeBytes { raw in
                let source = raw.baseAddress! + range.lowerBound
                copy(view, count: count, type: storage.type, from: source, to: values)
            }
        }
    }

    private func copy(
        _ view: PickleGraph.View, count: Int, type: TensorElementType, from source: UnsafeRawPointer,
        to values: UnsafeMutablePointer<Float>
    ) {
        let (size, stride) = (view.size, view.stride)
        var place = [Int](repeating: 0, count: size.count)
        var position = view.offset
        for index in 0..<count {
            values[index] = type.load(source, at: position)
            // Count up from the innermost dimension, as an odometer does. Wrapping, because the stride of an extent of 1 is
            // any number: it is added and taken off again.
            var dimension = size.count - 1
            while dimension >= 0 {
                place[dimension] += 1
                position &+= stride[dimension]
                if place[dimension] < size[dimension] { break }
                position &-= size[dimension] &* stride[dimension]
                place[dimension] = 0
                dimension -= 1
            }
        }
    }
}
