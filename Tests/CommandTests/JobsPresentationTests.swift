import DaemonControl
import Foundation
import JobPresentation
import LinuxSupport
import SystemPackage
import Testing
import UpscaleDaemon

@testable import JobQueue
@testable import srgan_jobs

/// How `srgan-jobs` formats numbers, times and names.
@Suite struct JobsPresentationTests {
    @Test(arguments: [
        (0, "0.00s"), (0.42, "0.42s"), (9.994, "9.99s"), (9.996, "10.0s"), (59.94, "59.9s"), (59.96, "1m 00s"),
        (185, "3m 05s"), (3599.6, "1h 00m"), (7620, "2h 07m"), (86_399, "23h 59m"), (356_400, "4d 03h"),
        (-1, ""), (.nan, ""), (.infinity, ""),
    ])
    func durations(_ seconds: Double, _ text: String) {
        #expect(Quantity.duration(seconds) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (3_900_000, "3.9 MB"),
        (Int64.max, "9.2 EB"),
    ])
    func bytes(_ count: Int64, _ text: String) {
        #expect(Quantity.bytes(count) == text)
    }

    private static let berlin = TimeZone(identifier: "Europe/Berlin")!
    /// 2023-11-14T22:13:20Z, 23:13:20 in Berlin.
    private static let now = Date(timeIntervalSince1970: 1_700_000_000)

    @Test func times() {
        let now = Self.now
        #expect(Quantity.time(now - 60, now: now, timeZone: Self.berlin) == "23:12:20")
        #expect(Quantity.time(now - 86_400, now: now, timeZone: Self.berlin) == "2023-11-13 23:13")
        #expect(Quantity.time(now + 3600, now: now, timeZone: Self.berlin) == "2023-11-15 00:13")
        #expect(Quantity.fullTime(now, timeZone: Self.berlin) == "2023-11-14 23:13:20 +0100")
        #expect(
            Quantity.fullTime(now, timeZone: TimeZone(secondsFromGMT: -12_600)!) == "2023-11-14 18:43:20 -0330")
        #expect(Quantity.timestamp(now + 0.125) == "2023-11-14T22:13:20.125Z")
    }

    @Test(arguments: [
        ("2h", -7200.0), ("90s", -90), ("1.5d", -129_600), ("2023-11-14T22:13:20Z", 0), ("2023-11-14T22:13:20.5Z", 0.5),
        ("2023-11-14T23:13:20+01:00", 0), ("2023-11-14T18:43-0330", -20), ("2023-11-14 23:13", -20),
        ("2023-11-14T23:13:21", 1), ("2023-11-14", -83_600), ("today", -83_600),
    ])
    func pointsInTime(_ text: String, _ offset: Double) {
        #expect(Quantity.parseTime(text, now: Self.now, timeZone: Self.berlin) == Self.now + offset)
    }

    @Test(arguments: [
        "", "now", "h", "-2h", "+2h", "2", "2y", "nanh", "infs", "2023-13-01", "2023-02-30", "2023-11-14T25:00",
        "14.11.2023", "2023-11-14T22:13:20 Z", "2023-11-14Z",
    ])
    func noPointInTime(_ text: String) {
        #expect(Quantity.parseTime(text, now: Self.now, timeZone: Self.berlin) == nil)
    }

    @Test func controlCharactersAreRemoved() {
        #expect(
            PlainText.clean("a\u{1B}[31mb\nc\u{7F}d\u{9B}e\u{202E}f")
                == #"a\x1b[31mb\x0ac\x7fd\xc2\x9be\xe2\x80\xaef"#)
        #expect(PlainText.clean("a\nb", keepingNewlines: true) == "a\nb")
        #expect(PlainText.clean("Grüße \\ 写真 🎉") == "Grüße \\ 写真 🎉")
    }

    @Test func widthsAndShortening() {
        #expect(TerminalText.width("abc") == 3)
        #expect(TerminalText.width("写真.jpg") == 8)
        #expect(TerminalText.width("e\u{301}") == 1)
        #expect(TerminalText.shortened("holiday/2023/IMG_0001.jpg", to: 15) == "holiday…001.jpg")
        #expect(TerminalText.shortened("写真写真写真.jpg", to: 9) == "写真….jpg")
        #expect(TerminalText.shortened("short", to: 5) == "short")
        #expect(TerminalText.shortened("longer", to: 1) == "…")
        #expect(TerminalText.shortened("longer", to: 0).isEmpty)
        for columns in 0...40 {
            #expect(TerminalText.width(TerminalText.shortened("写真/holiday 写真.jpg", to: columns)) <= columns)
        }
    }

    @Test func tablesLineUp() {
        var table = TextTable(columns: [
            TextTable.Column(title: "ID", alignment: .right), TextTable.Column(title: "FILE", shrinks: true),
            TextTable.Column(title: "N", alignment: .right), TextTable.Column(title: "NOTE"),
        ])
        table.rows = [["7", "写.jpg", "1.25", ""], ["1234", "a long name.jpg", "", "ok"], ["8", "b", "", ""]]
        #expect(
            table.lines(width: nil, colours: false) == [
                "  ID  FILE                N  NOTE",
                "   7  写.jpg           1.25",
                "1234  a long name.jpg        ok",
                "   8  b",
            ])
        #expect(table.lines(width: 30, colours: false)[2] == "1234  a lon…me.jpg        ok")
        // Columns never become too narrow to recognise a name.
        #expect(table.lines(width: 5, colours: false)[2] == "1234  a lon…me.jpg        ok")
        table.rows = [[TextTable.Cell("7", .red), "x", "1", "y"]]
        #expect(
            table.lines(width: nil, colours: true)[1]
                == "\u{1B}[31m 7\u{1B}[0m  x     1  y".replacing("\u{1B}[31m 7", with: " \u{1B}[31m7"))
    }

    @Test func theScreenIsRedrawnInPlace() {
        var terminal = LiveScreen(isTerminal: true)
        #expect(terminal.update(["a", "b"]) == "a\u{1B}[K\nb\u{1B}[K\n\u{1B}[J")
        #expect(terminal.update(["a", "b"]) == nil)
        #expect(terminal.update(["c"]) == "\u{1B}[2A\rc\u{1B}[K\n\u{1B}[J")
        var file = LiveScreen(isTerminal: false)
        #expect(file.update(["a"]) == "a\n")
        #expect(file.update(["a"]) == nil)
        #expect(file.update(["b"]) == "b\n")
    }

    @Test func theStreamEqualsTheList() {
        for count in [0, 1, 2, 20_000] {
            var text = ""
            var stream = LineStream(opening: "[", closing: "]") { text += String(decoding: $0, as: UTF8.self) }
            for number in 0..<count { stream.add(.integer(number)) }
            stream.finish()
            #expect(text == JSONValue.lines((0..<count).map { .integer($0) }).text + "\n")
        }
    }

    @Test(arguments: [
        0, 1e-7, 5e-7, 0.000001, 0.1, 0.25, 1, 12.288, -1.5, 999_999.999_999_9, 123_456_789.123_456, 1e9, 1e300,
    ])
    func jsonNumbersHaveSixDigits(_ value: Double) {
        var text = String(format: "%.6f", value)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        #expect(JSONValue.number(value).text == text)
    }

    @Test func timestampsOfManyYears() {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for day in stride(from: 0.0, to: 2_900_000, by: 97.37) {
            let date = Date(timeIntervalSince1970: (day * 86_400_000).rounded() / 1000)
            #expect(Quantity.timestamp(date) == style.format(date))
        }
    }

    @Test func jsonText() {
        let value = JSONValue.object([
            ("b", .string("\"\\\n\t\u{1B}\u{9B}é🎉")), ("a", .array([1, .null, true])), ("n", .number(1.5)),
            ("m", .number(1 / 3)), ("z", JSONValue(-0.0)), ("i", JSONValue(Double.nan)), ("l", .lines([1, 2])),
            ("e", .lines([])),
        ])
        #expect(
            value.text == #"{"b":"\"\\\n\t\u001b\u009bé🎉","a":[1,null,true],"n":1.5,"m":0.333333,"z":0,"i":null,"#
                + "\"l\":[\n1,\n2\n],\"e\":[]}")
    }
}
