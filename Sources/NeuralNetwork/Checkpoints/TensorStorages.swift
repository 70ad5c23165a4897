/// Finds the data of a checkpoint's storages in the file and copies tensors from it.
struct TensorStorages {
    private let bytes: [UInt8]
    // The ranges found so far. Each storage is located once, because locating it computes a checksum over all its
    // bytes.
    private var located: [String: Range<Int>] = [:]
    private let locate: (PickleGraph.Storage) throws(NeuralNetworkError) -> Range<Int>

    /// - Parameter locate: Returns the byte range of a storage; it throws if the file does not hold all of it.
    init(bytes: [UInt8], locate: @escaping (PickleGraph.Storage) throws(NeuralNetworkError) -> Range<Int>) {
        self.bytes = bytes
        self.locate = locate
    }

    var byteCount: Int { bytes.count }

    /// Copies a view with any strides into a contiguous tensor.
    ///
    /// - Parameter budget: The number of elements that may still be created; reduced by this tensor's count.
    mutating func tensor(
        _ view: PickleGraph.View, of storage: PickleGraph.Storage, entry: String, name: String, budget: inout Int
    ) throws(NeuralNetworkError) -> Tensor {
        func malformed(_ what: String) -> NeuralNetworkError {
            NeuralNetworkError(.malformed, "\(name): the entry \"\(entry)\" \(what).")
        }
        guard view.size.count == view.stride.count, view.size.count <= 8, view.offset >= 0,
            view.size.allSatisfy({ $0 >= 0 }), view.stride.allSatisfy({ $0 >= 0 })
        else { throw malformed("has an impossible shape") }
        // Each product is checked for overflow, because an extent of 0 or 1 in another dimension could hide the
        // overflow in the final values.
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
            // Advance like an odometer, innermost dimension first. The arithmetic wraps because a dimension of extent 1
            // may have any stride: the stride is added and then subtracted again.
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
