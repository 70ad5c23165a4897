import LinuxSupport
import WorkerProtocol

/// Describes a worker's sandbox in phrases, for the log.
struct SandboxSummary: Equatable, Sendable {
    /// The protections in force, one phrase each.
    private(set) var layers: [String] = []
    /// The protections that the kernel lacks or refuses, one phrase each.
    private(set) var lacks: [String] = []

    /// - report: nil for a worker that reports no sandbox.
    init(_ report: SandboxReport?) {
        guard let report else {
            lacks = ["every layer (the worker reports no sandbox)"]
            return
        }
        if report.hasNoNewPrivileges { layers.append("no new privileges") }
        if report.landlock > 0 { layers.append("Landlock \(report.landlock)") }
        if report.hasSeccomp { layers.append("seccomp") }
        let limits: [(name: String, value: Int?, unit: Int, suffix: String)] = [
            ("memory", report.memoryBytes, 1_000_000, " MB"), ("CPU time", report.cpuSeconds, 1, " s"),
            ("file", report.fileBytes, 1_000_000, " MB"), ("core", report.coreBytes, 1_000_000, " MB"),
            ("processes of the user", report.processes, 1, ""), ("descriptors", report.descriptors, 1, ""),
        ]
        for (name, value, unit, suffix) in limits {
            if let value { layers.append("\(name) up to \(value / unit)\(suffix)") }
        }
        lacks = report.lacks.map { EscapedBytes.text(Array($0.utf8)) }
    }

    /// The protections in force, in one phrase for a line of the log.
    var text: String { layers.isEmpty ? "none" : layers.joined(separator: ", ") }
}
