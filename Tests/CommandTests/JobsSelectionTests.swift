import Foundation
import JobQueue
import SystemPackage
import Testing

/// How `list`, `cancel` and `retry` select jobs.
@Suite struct JobsSelectionTests {
    private let folder: JobsFolder

    init() throws {
        folder = try JobsFolder()
        for name in ["holiday/IMG_1.jpg", "holiday/IMG_2.png", "IMG_3.jpg", "work/plan.tif"] {
            try folder.enqueue(name)
        }
        try folder.enqueue("IMG_5.jpg", inbox: "/other")
    }

    /// The ids that `list` shows.
    private func listed(_ arguments: String...) throws -> [Int] {
        let outcome = try JobsProgram.run(["list", "--json"] + arguments, in: folder.url)
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        return try #require(object?["jobs"] as? [[String: Any]]).compactMap { $0["id"] as? Int }
    }

    @Test func listFilters() throws {
        #expect(try listed("--name", "IMG_") == [1, 2, 3, 5])
        #expect(try listed("--name", "holiday") == [1, 2])
        #expect(try listed("--name", "IMG_*.jpg") == [1, 3, 5])
        #expect(try listed("--name", "holiday/*") == [1, 2])
        #expect(try listed("--name", "IMG_[12].*") == [1, 2])
        #expect(try listed("--name", "/other/*") == [5])
        // The inbox is no part of the name.
        #expect(try listed("--name", "other").isEmpty)
        #expect(try listed("--inbox", "/other") == [5])
        #expect(try listed("--inbox", "/in", "--name", "jpg", "--limit", "1") == [3])
        try folder.fail(.corrupt)
        try folder.fail(.truncated)
        #expect(try listed("--reason", "truncated") == [2])
        #expect(try folder.run("list", "--reason", "tired").code == 64)
        let table = try folder.run("list", "--name", "IMG_*.jpg", "--limit", "2").output
        #expect(table.contains("\n1 older job is not shown; --limit 0 shows all.\n"))
    }

    @Test func rangesAndNames() throws {
        let some = try folder.run("cancel", "2-3", "plan", "2")
        #expect(some.code == 0 && some.output == "2 cancelled\n3 cancelled\n4 cancelled\n")
        // An unknown name and an unknown id do not keep the other jobs from being cancelled.
        let part = try folder.run("cancel", "nothing", "5", "99")
        #expect(part.code == 2 && part.output == "5 cancelled\n")
        #expect(part.errors.hasPrefix("srgan-jobs: 'nothing' names no job to cancel.\n") && part.errors.contains("99"))
        let none = try folder.run("cancel", "nothing")
        #expect(none.code == 1 && none.output.isEmpty)
        #expect(none.errors == "srgan-jobs: 'nothing' names no job to cancel.\n")
        #expect(try folder.run("cancel", "90-99").code == 1)
        // A name selects only jobs that the command can change.
        #expect(try folder.run("cancel", "IMG").output == "1 cancelled\n")
        #expect(try folder.run("cancel", "4-5").errors.contains("Job 4 is cancelled."))
    }

    @Test func allStatesAndReasons() throws {
        try folder.fail(.corrupt)
        try folder.fail(.truncated)
        let retry = try folder.run("retry", "--reason", "truncated")
        // The private copy is gone, so the command answers, but only for the selected job.
        #expect(retry.code == 1 && retry.errors.contains("job 2") && !retry.errors.contains("job 1"))
        #expect(try folder.run("cancel", "--state", "available").output == "3 cancelled\n4 cancelled\n5 cancelled\n")
        let none = try folder.run("cancel", "--all")
        #expect(none.code == 0 && none.output == "No job matches.\n")
        #expect(try folder.run("cancel", "--all", "1").code == 64)
        #expect(try folder.run("cancel").code == 64)
    }

    @Test func allIsConfirmedOnATerminal() throws {
        func answer(_ text: String, _ options: String) throws -> SrganRunner.Result {
            try folder.srgan.shell(
                "printf '\(text)\\n' | script -qec '${SRGAN}-jobs cancel --all \(options)' /dev/null >&2")
        }
        let no = try answer("n", "")
        #expect(no.status == 1 && no.errors.contains("Cancel 5 jobs? [y/N]"), "\(no.errors)")
        #expect(try listed("--state", "cancelled").isEmpty)
        #expect(try answer("y", "").status == 0)
        #expect(try listed("--state", "cancelled").count == 5)
        try folder.enqueue("IMG_6.jpg")
        let without = try answer("n", "--yes")
        #expect(without.status == 0 && !without.errors.contains("[y/N]"))
        #expect(try listed("--state", "cancelled").count == 6)
    }

    @Test func pruneSaysWhyNothingWasDeleted() throws {
        #expect(try folder.run("prune", "--older-than", "1d").output == "0 jobs deleted: no job has ended yet\n")
        try folder.complete()
        #expect(
            try folder.run("prune", "--older-than", "1d").output.contains(
                /^0 jobs deleted: the first job ended at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000\n$/))
        #expect(
            try folder.run("prune", "--older-than", "0s", "--json").output.contains(#""pruned":0,"kept":1,"message":""#)
        )
    }

    @Test func addSaysWhenTheFileWillBeDone() throws {
        try folder.complete()
        try Data("not really an image".utf8).write(to: URL(filePath: folder.srgan.path("a.png")))
        let add = try folder.srgan.shell("script -qec '${SRGAN}-jobs add a.png' /dev/null </dev/null >&2")
        #expect(add.status == 0 && add.errors.contains("no daemon runs, 5 jobs wait: about "), "\(add.errors)")
        // A script gets the lines alone.
        let quiet = try folder.run("add", "a.png")
        #expect(quiet.errors.isEmpty && quiet.output.hasSuffix("a.png (queued already)\n"))
    }
}
