import FaultInjection
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Gives a complete output its final name. A kill or a power cut at any instant leaves either no file or the complete
/// file under that name.
///
/// The order of the steps guarantees this: fsync the temporary file, commit the state `publishing` with the final name
/// and the hash to the queue, rename without replacing, fsync the folder. The `JobFinisher` then commits `completed`.
/// After a crash, `PublishingRecovery` can tell from the files on disk which of these steps were done.
struct Publisher: Sendable {
    /// A final name that was free when it was checked, and the number in it: 2 for `photo (2).jpg`, 1 for `photo.jpg`.
    typealias NumberedName = (entry: FolderEntry, number: Int)

    let store: any JobStore
    let settings: LiveSettings
    let stop: StopSignal

    /// Publishes the output of a running job. When this returns, the output has its final name durably.
    ///
    /// - heartbeat: the calling thread's heartbeat. It beats while the thread waits for space on the queue's disk.
    /// - Returns: the output's final path.
    /// - Throws: `FileError` for an error of the output's disk, `JobStoreError` for an error of the queue.
    func publish(
        _ output: ProducedOutput, of job: Job, claim: Claim, heartbeat: Heartbeat?
    ) throws -> FilePath {
        let descriptor = output.file.descriptor
        // Open the folder again: while the worker ran, the opened folder may have been renamed, and its path may belong
        // to another folder. The job's row names the output by this path. In another folder the temporary file is
        // missing, and the rename fails.
        let folder = try settings.current.folders.open(output.file.entry.folder.path)
        let temporary = folder.entry(output.file.entry.name)
        try DurableFile.sync(descriptor, name: temporary.path)
        try descriptor.seek(offset: 0, from: .start)
        let sha256 = try RegularFile.sha256(descriptor, name: temporary.path)
        let scale = output.metrics.outputWidth / max(1, output.metrics.inputWidth)
        let name = OutputNaming.finalName(job.input.outputName, id: job.id, scale: scale, format: output.format)
        let wished = Self.freeName(name, in: folder, from: 1)
        if FaultPlan.injects(.renameBeforeCommit) {
            _ = try temporary.renameWithoutReplacing(to: wished.entry)
        }
        try stop.untilStored(heartbeat) {
            try store.beginPublishing(
                claim, temporary: temporary.path, output: wished.entry.path, outputSHA256: sha256,
                metrics: output.metrics, reusedJobID: output.reusedJobID)
        }
        let published =
            FaultPlan.injects(.renameBeforeCommit)
            ? wished.entry
            : try rename(claim, temporary: temporary, name: name, wished: wished, heartbeat: heartbeat)
        do {
            try folder.sync()
        } catch {
            // The rename may be lost in a power cut, so the job cannot be completed. Remove the output, since no output
            // may exist without a completed job.
            try published.remove()
            throw error
        }
        return published.path
    }

    /// Gives a temporary output its final name. The job's row must contain that name before the rename: if `wished` has
    /// been taken meanwhile, the next free name is written to the row first.
    ///
    /// - name: the name without a number.
    /// - isCommitted: false if the job's row does not contain the name `wished` yet.
    /// - Returns: the published output. Its folder is not synced yet.
    func rename(
        _ claim: Claim, temporary: FolderEntry, name: FilePath.Component, wished: NumberedName,
        isCommitted: Bool = true, heartbeat: Heartbeat?
    ) throws -> FolderEntry {
        var (output, number) = wished
        func commit() throws {
            try stop.untilStored(heartbeat) { try store.changeOutput(claim, output: output.path) }
        }
        if !isCommitted { try commit() }
        while try !temporary.renameWithoutReplacing(to: output) {
            (output, number) = Self.freeName(name, in: output.folder, from: number + 1)
            try commit()
        }
        return output
    }

    /// The first free name in a folder. Numbers are tried in ascending order, beginning with `first`.
    static func freeName(_ name: FilePath.Component, in folder: OpenFolder, from first: Int) -> NumberedName {
        var number = first
        while true {
            let entry = folder.entry(OutputNaming.alternative(name, number: number))
            if (try? entry.existing()) == nil || FaultPlan.injects(.replaceOnRename) { return (entry, number) }
            number += 1
        }
    }
}
