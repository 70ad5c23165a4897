import FaultInjection
import JobQueue
import LinuxSupport
import ServiceConfiguration
import SystemPackage

/// Gives a complete output its final name, so that a kill or a power cut at any instant leaves either nothing or the
/// whole file.
///
/// The order is the promise: fsync the temporary file, commit the state `publishing` with final name and hash, rename
/// without replacing, fsync the folder. The `JobFinisher` then commits `completed`. `PublishingRecovery` can tell from
/// the disk how far a publication came.
struct Publisher: Sendable {
    /// A final name that was free, with the number in it.
    typealias NumberedName = (path: FilePath, number: Int)

    let store: any JobStore
    let stop: StopSignal

    /// Publishes the output of a running job, up to the durable rename.
    ///
    /// - heartbeat: the calling thread's, which waits here while the queue's disk is full.
    /// - Returns: the output's final path.
    /// - Throws: `FileError` when the disk refused, `JobStoreError` from the queue.
    func publish(
        _ output: ProducedOutput, of job: Job, claim: Claim, heartbeat: Heartbeat?
    ) throws -> FilePath {
        let (temporary, descriptor) = (output.file.path, output.file.descriptor)
        let folder = temporary.removingLastComponent()
        try DurableFile.sync(descriptor, name: temporary)
        try descriptor.seek(offset: 0, from: .start)
        let sha256 = try RegularFile.sha256(descriptor, name: temporary)
        let name = OutputNaming.finalName(job.input.outputName, id: job.id, format: output.format)
        let wished = Self.freeName(name, in: folder, from: 1)
        if FaultPlan.injects(.renameBeforeCommit) {
            _ = try DurableFile.renameWithoutReplacing(temporary, to: wished.path)
        }
        try stop.untilStored(heartbeat) {
            try store.beginPublishing(
                claim, temporary: temporary, output: wished.path, outputSHA256: sha256, metrics: output.metrics,
                reusedJobID: output.reusedJobID)
        }
        let path =
            FaultPlan.injects(.renameBeforeCommit)
            ? wished.path
            : try rename(claim, temporary: temporary, name: name, wished: wished, heartbeat: heartbeat)
        do {
            try DurableFile.syncFolder(folder)
        } catch {
            // Not durable, so not published: no output may stay without its job.
            try DurableFile.remove(path)
            throw error
        }
        return path
    }

    /// Renames a temporary output to its committed name. Where that is taken by now, commits the next free name first.
    ///
    /// - name: the name without a number.
    /// - isCommitted: false when the row does not hold the wished-for name yet.
    /// - Returns: the final path. Its folder is not synced yet.
    func rename(
        _ claim: Claim, temporary: FilePath, name: FilePath.Component, wished: NumberedName, isCommitted: Bool = true,
        heartbeat: Heartbeat?
    ) throws -> FilePath {
        var (output, number) = wished
        func commit() throws {
            try stop.untilStored(heartbeat) { try store.changeOutput(claim, output: output) }
        }
        if !isCommitted { try commit() }
        while try !DurableFile.renameWithoutReplacing(temporary, to: output) {
            (output, number) = Self.freeName(name, in: output.removingLastComponent(), from: number + 1)
            try commit()
        }
        return output
    }

    /// The first name that is not taken, beginning with number `first`.
    static func freeName(_ name: FilePath.Component, in folder: FilePath, from first: Int) -> NumberedName {
        var number = first
        while true {
            let path = folder.appending(OutputNaming.alternative(name, number: number))
            if FileStamp.of(path) == nil || FaultPlan.injects(.replaceOnRename) { return (path, number) }
            number += 1
        }
    }
}
