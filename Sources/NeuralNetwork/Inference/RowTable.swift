/// Where the rows of an image begin; rows that are never needed at the same time may share their memory.
public final class RowTable: @unchecked Sendable {
    // Invariant: table and rows belong to the one thread that runs the layers.

    let rows: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

    private let start: UnsafeMutablePointer<Float>
    private let row: Int
    private let count: Int
    private let capacity: Int

    /// Lists `count` rows of `row` numbers each that live in a ring of `capacity` rows from `start` on.
    public init(start: UnsafeMutablePointer<Float>, row: Int, count: Int, capacity: Int) {
        precondition(capacity > 0)
        rows = .allocate(capacity: max(1, count))
        (self.start, self.row, self.count, self.capacity) = (start, row, count, capacity)
        rows.initialize(repeating: nil, count: max(1, count))
        move(to: 0)
    }

    /// Lets the memory hold another window of the image: the number `offset` of each row is now the first that has a place.
    public func move(to offset: Int) {
        for y in 0..<count { rows[y] = start + y % capacity * row - offset }
    }

    deinit {
        rows.deallocate()
    }

    /// The beginning of a row.
    public subscript(y: Int) -> UnsafeMutablePointer<Float> { rows[y]! }

    /// The table for reading: the same memory, rows of constants.
    var constant: UnsafePointer<UnsafePointer<Float>?> {
        UnsafeRawPointer(rows).assumingMemoryBound(to: UnsafePointer<Float>?.self)
    }
}
