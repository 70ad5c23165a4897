import Foundation

/// The faults that a test asks this process to inject: the only seam between tests and product code.
///
/// Product code asks the static functions below and nothing else. A debug build answers from `current`, which it reads
/// once from the environment and which a test can replace for a task. In a release build every answer is a constant that
/// is inlined into the caller, so the compiler drops the injected code, and no environment variable is read.
public struct FaultPlan: Equatable, Sendable {
    /// The promises to break.
    public var faults: Set<Fault> = []
    /// The SQL statement of a connection, counted from 1, before which the process kills itself.
    public var fatalStatement: Int?
    /// A folder; a thread stands still while this folder holds a file of the thread's name.
    public var freezeFolder: String?
    /// Replaces every limit after which a part of the service counts as stuck, seconds.
    public var stallSeconds: Double?

    /// Creates a plan; the default injects nothing.
    public init(
        _ faults: Set<Fault> = [], fatalStatement: Int? = nil, freezeFolder: String? = nil, stallSeconds: Double? = nil
    ) {
        self.faults = faults
        self.fatalStatement = fatalStatement
        self.freezeFolder = freezeFolder
        self.stallSeconds = stallSeconds
    }
}

// What product code asks. `@inlinable`: the constants of a release build must reach the callers in other modules.
extension FaultPlan {
    /// True when this process breaks the promise.
    @inlinable public static func injects(_ fault: Fault) -> Bool {
        #if DEBUG
            current.faults.contains(fault)
        #else
            false
        #endif
    }

    /// The SQL statement of a connection, counted from 1, before which the process kills itself.
    @inlinable public static var fatalStatement: Int? {
        #if DEBUG
            current.fatalStatement
        #else
            nil
        #endif
    }

    /// Replaces every limit after which a part of the service counts as stuck, seconds.
    @inlinable public static var stallSeconds: Double? {
        #if DEBUG
            current.stallSeconds
        #else
            nil
        #endif
    }

    /// Blocks the calling thread while a test freezes threads of this name.
    @inlinable public static func waitWhileFrozen(_ name: String) {
        #if DEBUG
            guard let folder = current.freezeFolder else { return }
            while access(folder + "/" + name, F_OK) == 0 { usleep(10_000) }
        #endif
    }
}
