import Foundation

/// The faults that a test asks this process to inject: tests change the behaviour of product code only through this
/// plan.
///
/// Product code uses only the static members below. In a debug build they read `current`, which is parsed once from an
/// environment variable and which a test can replace for its own task. In a release build each of them returns a
/// constant that is inlined into the caller, so the compiler removes the injected code, and no environment variable is
/// read.
public struct FaultPlan: Equatable, Sendable {
    /// The faults to inject.
    public var faults: Set<Fault> = []
    /// The number of the SQL statement before which the process kills itself, counted from 1 in each connection.
    public var fatalStatement: Int?
    /// The path of a folder. A thread pauses while this folder holds a file with the thread's name. While it pauses, the
    /// folder also holds the file `NAME.frozen`.
    public var freezeFolder: String?
    /// A time in seconds that replaces every limit after which a part of the service counts as stuck.
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

// The members that product code uses. They are `@inlinable`, because the constants of a release build must reach the
// callers in other modules.
extension FaultPlan {
    /// True when the fault is injected into this process.
    @inlinable public static func injects(_ fault: Fault) -> Bool {
        #if DEBUG
            current.faults.contains(fault)
        #else
            false
        #endif
    }

    /// The number of the SQL statement before which the process kills itself, counted from 1 in each connection.
    @inlinable public static var fatalStatement: Int? {
        #if DEBUG
            current.fatalStatement
        #else
            nil
        #endif
    }

    /// A time in seconds that replaces every limit after which a part of the service counts as stuck.
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
            let file = folder + "/" + name
            guard access(file, F_OK) == 0 else { return }
            close(creat(file + ".frozen", 0o600))
            while access(file, F_OK) == 0 { usleep(10_000) }
            unlink(file + ".frozen")
        #endif
    }
}
