import FaultInjection
import Foundation
import JobQueue
import LinuxSupport
import Logging
import SystemPackage

/// Gives a finished output its name, so that a kill or a power cut at any instant leaves either nothing or the whole
/// file.
///
/// The order is the promise: fsync the temporary file, commit the state `publishing` with final name and hash, rename
/// without replacing, fsync the folder, commit `completed`. Recovery can tell from the disk how far it
/// came. The original is moved after that, by the `Disposer`.
struct Publisher: Sendable {
    let store: any JobStore
    let spool: Spool
    let stop: StopSignal
    let logger: Logger

    /// Publishes the output of a running job.
    ///
    /// - temporary: the output's file in its folder, complete; gone or published when this returns or throws.
    /// - format: what the worker wrote, nil to keep the wished-for extension.
    /// - heartbeat: the calling thread's, which waits here while the queue's disk is full.
    /// - Throws: `FileError` when the disk refused (the job is still to be failed), `JobStoreError` from the queue.
    func publish(
        _ job: Job, claim: Claim, temporary: FilePath, descriptor: FileDescriptor, format: String?, metrics: JobMetrics,
        reusedJobID: Int64?, heartbeat: Heartbeat?
    ) throws {
        var metrics = metrics
        let begin = Monotonic.now
        let folder = temporary.removingLastComponent()
        do {
            try DurableFile.sync(descriptor, name: temporary)
            try descriptor.seek(offset: 0, from: .start)
            let sha256 = try RegularFile.sha256(descriptor, name: temporary)
            let name = OutputNaming.finalName(job.input.outputName, id: job.id, format: format)
            let wished = Self.freeName(name, in: folder, from: 1)
            if FaultPlan.injects(.renameBeforeCommit) {
                _ = try DurableFile.renameWithoutReplacing(temporary, to: wished.path)
            }
            try stop.untilStored(heartbeat) {
                try store.beginPublishing(
                    claim, temporary: temporary, output: wished.path, outputSHA256: sha256, metrics: metrics,
                    reusedJobID: reusedJobID)
            }
            let output =
                FaultPlan.injects(.renameBeforeCommit)
                ? wished.path
                : try rename(claim, temporary: temporary, name: name, wished: wished, heartbeat: heartbeat)
            do {
                try DurableFile.syncFolder(folder)
            } catch {
                // Not durable, so not published: no output may stay without its job.
                try DurableFile.remove(output)
                throw error
            }
        } catch {
            try? DurableFile.remove(temporary)
            throw error
        }
        metrics.publishSeconds = Monotonic.now - begin
        metrics.totalSeconds = job.startedAt.map { Date().timeIntervalSince($0) } ?? 0
        try finish(job, claim: claim, metrics: metrics, heartbeat: heartbeat)
    }

    /// Finishes what a dead daemon left in state `publishing`.
    ///
    /// - Throws: `FileError` also when the outbox cannot be reached: the output may be there.
    func recover(_ job: Job) throws {
        guard let claim = job.claim, let output = job.output, let temporary = job.temporaryOutput,
            let sha256 = job.outputSHA256, let name = output.lastComponent
        else { return }
        let folder = temporary.removingLastComponent()
        if let (stamp, _) = try FileStamp.existing(temporary) {
            if try FileStamp.existing(output)?.stamp.inode == stamp.inode {
                // Killed between link and unlink, on a file system that has no other rename.
                try DurableFile.remove(temporary)
            } else if try Self.isThere(temporary, sha256: sha256) {
                let taken = try FileStamp.existing(output) != nil
                _ = try rename(
                    claim, temporary: temporary, name: name,
                    wished: taken ? Self.freeName(name, in: folder, from: 2) : (output, 1), isCommitted: !taken,
                    heartbeat: nil)
            } else {
                try DurableFile.remove(temporary)
                return try giveBack(job, claim: claim)
            }
        } else if try !Self.isThere(output, sha256: sha256) {
            return try giveBack(job, claim: claim)
        }
        try DurableFile.syncFolder(folder)
        logger.notice("Job \(job.id): its output was published before the service ended.")
        try finish(job, claim: claim, metrics: job.metrics ?? JobMetrics(), heartbeat: nil)
    }

    /// Whether a file with these bytes lies at a path. One that this user may not read is not the output.
    private static func isThere(_ path: FilePath, sha256: String) throws -> Bool {
        guard try FileStamp.existing(path)?.isRegular == true else { return false }
        do {
            return try RegularFile.sha256(path) == sha256
        } catch let error as FileError where error.systemError == EACCES {
            return false
        }
    }

    private func giveBack(_ job: Job, claim: Claim) throws {
        logger.notice("Job \(job.id): its output was lost before it was published; it is done again.")
        try store.release(claim, now: Date())
    }

    private func finish(_ job: Job, claim: Claim, metrics: JobMetrics, heartbeat: Heartbeat?) throws {
        try stop.untilStored(heartbeat) { try store.complete(claim, metrics: metrics, now: Date()) }
        spool.remove(job.input.spool)
    }

    /// Renames to the wished-for name or, where that is taken by now, to the next one that is free.
    private func rename(
        _ claim: Claim, temporary: FilePath, name: FilePath.Component, wished: (path: FilePath, number: Int),
        isCommitted: Bool = true, heartbeat: Heartbeat?
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

    private static func freeName(_ name: FilePath.Component, in folder: FilePath, from first: Int) -> (
        path: FilePath, number: Int
    ) {
        var number = first
        while true {
            let path = folder.appending(OutputNaming.alternative(name, number: number))
            if FileStamp.of(path) == nil || FaultPlan.injects(.replaceOnRename) { return (path, number) }
            number += 1
        }
    }
}
