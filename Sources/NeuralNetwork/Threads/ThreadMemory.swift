/// Memory that each thread needs for itself, made when the thread first uses it.
public final class ThreadMemory<Memory: AnyObject>: @unchecked Sendable {
    // Invariant: a thread uses only the place with its own index.

    private let places: UnsafeMutablePointer<Memory?>
    private let count: Int
    private let make: () -> Memory

    /// - Parameter make: Makes the memory of a thread; called on this thread.
    public init(threads: Int, make: @escaping () -> Memory) {
        places = .allocate(capacity: threads)
        places.initialize(repeating: nil, count: threads)
        (count, self.make) = (threads, make)
    }

    deinit {
        places.deinitialize(count: count)
        places.deallocate()
    }

    /// The memory of a thread; only this thread may ask for it.
    public subscript(thread: Int) -> Memory {
        precondition(thread < count)
        if let memory = places[thread] { return memory }
        let memory = make()
        places[thread] = memory
        return memory
    }
}
