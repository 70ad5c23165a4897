extension FastProgram {
    /// Gives each value its storage. The values of a concatenation are neighbours in one storage; a concatenation of
    /// the first values of a longer one is a part of the same storage.
    mutating func assignStorages() throws(UnsupportedGraph) {
        let concatenations = Set(steps.map(\.sources).filter { $0.count > 1 }).sorted {
            ($1.count, $0[0]) < ($0.count, $1[0])
        }
        for parts in concatenations {
            if parts.allSatisfy({ values[$0].storage < 0 }) && Set(parts).count == parts.count {
                addStorage(of: parts)
                continue
            }
            for (left, right) in zip(parts, parts.dropFirst()) {
                let (a, b) = (values[left], values[right])
                guard a.storage >= 0, a.storage == b.storage, a.offset + a.channels == b.offset else {
                    throw UnsupportedGraph(reason: "concatenations that overlap in this way")
                }
            }
        }
        for value in values.indices where values[value].storage < 0 { addStorage(of: [value]) }
        for (number, step) in steps.enumerated() {
            for value in step.sources + [step.output] + (step.skip.map { [$0] } ?? []) {
                let storage = values[value].storage
                let known = storages[storage].steps
                storages[storage].steps = min(known.lowerBound, number)...max(known.upperBound, number)
            }
        }
    }

    private mutating func addStorage(of parts: [Int]) {
        var channels = 0
        for part in parts {
            values[part].storage = storages.count
            values[part].offset = channels
            channels += values[part].channels
        }
        let first = steps.firstIndex { parts.contains($0.output) } ?? 0
        storages.append(Storage(channels: channels, resolution: values[parts[0]].resolution, steps: first...first))
    }

    /// Assigns buffers to the storages, so that few buffers hold all values that are needed at the same time.
    mutating func assignBuffers() {
        var freeAfter: [Int] = []
        for index in storages.indices.sorted(by: { storages[$0].steps.lowerBound < storages[$1].steps.lowerBound }) {
            let storage = storages[index]
            let size = storage.channels * storage.resolution * storage.resolution
            let free = buffers.indices.filter { freeAfter[$0] < storage.steps.lowerBound }
            // The smallest buffer that is large enough, or else the largest one, which grows.
            let fitting = free.filter { buffers[$0] >= size }.min { buffers[$0] < buffers[$1] }
            if let buffer = fitting ?? free.max(by: { buffers[$0] < buffers[$1] }) {
                buffers[buffer] = max(buffers[buffer], size)
                freeAfter[buffer] = storage.steps.upperBound
                storages[index].buffer = buffer
            } else {
                storages[index].buffer = buffers.count
                buffers.append(size)
                freeAfter.append(storage.steps.upperBound)
            }
        }
    }

    /// Finds the steps at the end that can run strip by strip: the last convolution, and before it convolutions above the
    /// smallest resolution whose result only the next one reads. Their results need no buffer.
    mutating func findTail() {
        tail = 1
        while tail < steps.count {
            let step = steps[steps.count - tail - 1]
            guard case .convolution = step.work, step.skip == nil, values[step.output].resolution > 1,
                steps[steps.count - tail].sources == [step.output],
                steps.filter({ $0.sources.contains(step.output) || $0.skip == step.output }).count == 1
            else { break }
            tail += 1
        }
        let strips = Set(steps.suffix(tail).map { values[$0.output].storage })
        for buffer in buffers.indices {
            buffers[buffer] =
                storages.indices.filter { storages[$0].buffer == buffer && !strips.contains($0) }
                .map { storages[$0].channels * storages[$0].resolution * storages[$0].resolution }.max() ?? 0
        }
    }
}
