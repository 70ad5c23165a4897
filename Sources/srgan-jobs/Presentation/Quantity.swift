import Foundation

/// Formats numbers for people, and parses them for options: pure functions.
enum Quantity {
    /// `0.42s`, `12.3s`, `3m 05s`, `2h 07m`, `4d 03h`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "" }
        // The limits apply to the rounded figure: 59.96 s is a minute, not 60.0 s.
        if seconds < 9.995 { return fixed(seconds, 2) + "s" }
        if seconds < 59.95 { return fixed(seconds, 1) + "s" }
        let whole = Int(min(seconds.rounded(), 1e15))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if whole < 3600 { return "\(whole / 60)m \(two(whole % 60))s" }
        if whole < 86_400 { return "\(whole / 3600)h \(two(whole / 60 % 60))m" }
        return "\(whole / 86_400)d \(two(whole / 3600 % 24))h"
    }

    /// `812 B`, `3.9 MB`: decimal units, as disks and `ls -h --si` count.
    static func bytes(_ count: Int64) -> String {
        if count < 1000 { return "\(count) B" }
        var value = Double(count)
        var unit = 0
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        while value >= 999.95, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return "\(fixed(value, 1)) \(units[unit])"
    }

    /// `640x480`.
    static func size(_ width: Int, _ height: Int) -> String { "\(width)x\(height)" }

    /// A number with this many digits after the point, independent of the locale.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    /// Local time: `14:05:09` on the day of `now`, else `2026-11-22 14:05`.
    static func time(_ date: Date, now: Date, timeZone: TimeZone) -> String {
        let day = format(date, "%Y-%m-%d", timeZone)
        return day == format(now, "%Y-%m-%d", timeZone)
            ? format(date, "%H:%M:%S", timeZone) : "\(day) \(format(date, "%H:%M", timeZone))"
    }

    /// Local time in full, with its zone: `2026-11-22 14:05:09 +0100`.
    static func fullTime(_ date: Date, timeZone: TimeZone) -> String {
        let minutes = timeZone.secondsFromGMT(for: date) / 60
        let zone = String(format: "%@%02d%02d", minutes < 0 ? "-" : "+", abs(minutes) / 60, abs(minutes) % 60)
        return format(date, "%Y-%m-%d %H:%M:%S", timeZone) + " " + zone
    }

    /// UTC with milliseconds, for JSON: `2026-11-22T13:05:09.123Z`.
    static func timestamp(_ date: Date) -> String {
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
        let whole = Date(timeIntervalSince1970: Double(milliseconds / 1000))
        return format(whole, "%Y-%m-%dT%H:%M:%S", .gmt) + String(format: ".%03dZ", Int(milliseconds % 1000))
    }

    /// `90s`, `15m`, `2h`, `30d`, `4w`: seconds; nil for anything else.
    static func parseDuration(_ text: String) -> Double? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let last = text.last, let unit = units[last], let number = Double(text.dropLast()), number >= 0,
            number.isFinite, text.first?.isNumber == true
        else { return nil }
        // A longer duration is a typing error: a date cannot hold it.
        return number * unit <= 3e11 ? number * unit : nil
    }

    /// Parses a point in time: a time before now (`2h`), a local day (`2026-11-22`), a local time (`2026-11-22T14:05`,
    /// with optional seconds and their fraction; a space may replace the T), the same with a zone (`Z`, `+01:00`), or
    /// `today`. Returns nil for anything else.
    static func parseTime(_ text: String, now: Date, timeZone: TimeZone) -> Date? {
        if let ago = parseDuration(text) { return now.addingTimeInterval(-ago) }
        if text == "today" { return parseTime(format(now, "%Y-%m-%d", timeZone), now: now, timeZone: timeZone) }
        guard let match = text.wholeMatch(of: timePattern) else { return nil }
        var parts = tm()
        func number(_ digits: Substring?) -> Int32 { digits.flatMap { Int32($0) } ?? 0 }
        parts.tm_year = number(match.1) - 1900
        parts.tm_mon = number(match.2) - 1
        parts.tm_mday = number(match.3)
        parts.tm_hour = number(match.4)
        parts.tm_min = number(match.5)
        parts.tm_sec = number(match.6)
        let asked = parts
        // timegm ignores zones, and the zone is added here; mktime would use the process's zone, not the requested one.
        // timegm also turns a 32nd into the 1st of the next month, which the changed fields reveal.
        let fraction = match.7.flatMap { Double("0\($0)") } ?? 0
        let asGreenwich = Date(timeIntervalSince1970: Double(timegm(&parts)) + fraction)
        guard parts.tm_mon == asked.tm_mon, parts.tm_mday == asked.tm_mday, parts.tm_hour == asked.tm_hour,
            parts.tm_min == asked.tm_min
        else { return nil }
        if let zone = match.8 { return parseZone(String(zone)).map { asGreenwich.addingTimeInterval(-$0) } }
        let guess = asGreenwich.addingTimeInterval(-Double(timeZone.secondsFromGMT(for: asGreenwich)))
        return asGreenwich.addingTimeInterval(-Double(timeZone.secondsFromGMT(for: guess)))
    }

    /// Day, optional time with optional seconds and fraction, optional zone.
    private static var timePattern:
        Regex<(Substring, Substring, Substring, Substring, Substring?, Substring?, Substring?, Substring?, Substring?)>
    {
        /(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?/
    }

    private static func parseZone(_ text: String) -> Double? {
        if text == "Z" { return 0 }
        guard let number = Int(text.dropFirst().filter { $0 != ":" }) else { return nil }
        return Double((number / 100 * 60 + number % 100) * 60 * (text.hasPrefix("-") ? -1 : 1))
    }

    private static func format(_ date: Date, _ pattern: String, _ timeZone: TimeZone) -> String {
        var seconds = time_t(date.timeIntervalSince1970.rounded(.down)) + timeZone.secondsFromGMT(for: date)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, pattern, &parts)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
