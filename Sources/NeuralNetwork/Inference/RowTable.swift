/// Pointers to the rows of an image; rows that are never needed at the same time may share memory.
public final class RowTable: @unchecked Sendable {
    // Invariant: the table and the rows are used by one thread, which runs the layers.

    let rows: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

    private let start: UnsafeMutablePointer<Float>
    private let row: Int
    private let count: Int
    private let capacity: Int

    /// Makes a table of `count` rows of `row` floats each, stored in a ring buffer of `capacity` rows at `start`.
    public init(start: UnsafeMutablePointer<Float>, row: Int, count: Int, capacity: Int) {
        precondition(capacity > 0)
        rows = .allocate(capacity: max(1, count))
        (self.start, self.row, self.count, self.capacity) = (start, row, count, capacity)
        rows.initialize(repeating: nil, count: max(1, count))
        move(to: 0)
    }

    /// Sets which part of each row the memory holds. `offset` is the index of the first stored float in a full row.
    public func move(to offset: Int) {
        for y in 0..<count { rows[y] = start + y % capacity * row - offset }
    }

    deinit {
        rows.deallocate()
    }

    /// The start of row `y`.
    public subscript(y: Int) -> UnsafeMutablePointer<Float> { rows[y]! }

    /// The table as pointers to constant floats, for reading.
    var constant: UnsafePointer<UnsafePointer<Float>?> {
        UnsafeRawPointer(rows).assumingMemoryBound(to: UnsafePointer<Float>?.self)
    }
}
