// A process that the tests of JobQueue kill. It holds the lock of the state folder in its first argument, has one
// running job, prints a line to report this, and adds jobs until it is killed. With the further argument `migrate` it
// opens the database, which migrates it to the newest schema, and ends.

import Foundation
import JobQueue
import SystemPackage

let folder = FilePath(CommandLine.arguments[1])
let lock = try StateLock(directory: folder, version: "helper")
let store = try SQLiteJobStore(path: SQLiteJobStore.path(in: folder))
if CommandLine.arguments.dropFirst(2).first == "migrate" { exit(0) }

func add(_ number: Int) throws {
    let hash = String(repeating: "0", count: 58) + String(number + 100_000)
    _ = try store.enqueue(
        NewJob(
            source: FilePath("/inbox/\(number).jpg"), inbox: "/inbox", spool: FilePath("/spool/\(number)"),
            contentSHA256: hash, contentSize: 1, sourceStamp: "", modelSHA256: "", settings: "{}",
            outputFolder: "/outbox", outputName: FilePath.Component("\(number).jpg")!), now: Date())
}

try add(0)
_ = try store.claim(now: Date())
FileHandle.standardOutput.write(Data("ready\n".utf8))
for number in 1... { try add(number) }
withExtendedLifetime(lock) {}
