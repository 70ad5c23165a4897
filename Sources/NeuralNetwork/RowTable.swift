/// Where the rows of a picture begin; rows that are never needed at the same time may share their memory.
public final class RowTable: @unchecked Sendable {
    // Invariant: the table does not change; the rows themselves belong to the one thread that runs the layers.

    let rows: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

    /// Lists `count` rows of `row` numbers each that live in a ring of `capacity` rows from `start` on.
    public init(start: UnsafeMutablePointer<Float>, row: Int, count: Int, capacity: Int) {
        precondition(capacity > 0)
        rows = .allocate(capacity: max(1, count))
        for y in 0..<count { (rows + y).initialize(to: start + y % capacity * row) }
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
