import Foundation

/// Formats durations, sizes and times for people, and parses the values of options. All functions are pure.
enum Quantity {
    /// Formats a duration: `0.42s`, `12.3s`, `3m 05s`, `2h 07m`, `4d 03h`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "" }
        // The limits take the rounding into account: 59.96 s is shown as one minute, not as "60.0s".
        if seconds < 9.995 { return fixed(seconds, 2) + "s" }
        if seconds < 59.95 { return fixed(seconds, 1) + "s" }
        let whole = Int(min(seconds.rounded(), 1e15))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if whole < 3600 { return "\(whole / 60)m \(two(whole % 60))s" }
        if whole < 86_400 { return "\(whole / 3600)h \(two(whole / 60 % 60))m" }
        return "\(whole / 86_400)d \(two(whole / 3600 % 24))h"
    }

    /// Formats a number of bytes in decimal units, as the makers of disks and `ls -h --si` do: `812 B`, `3.9 MB`.
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

    /// Formats a size in pixels: `640x480`.
    static func size(_ width: Int, _ height: Int) -> String { "\(width)x\(height)" }

    /// Formats a number with the given number of digits after the point, independent of the locale.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    /// Formats a local time: `14:05:09` if it is on the same day as `now`, else `2026-11-22 14:05`.
    static func time(_ date: Date, now: Date, timeZone: TimeZone) -> String {
        let day = format(date, "%Y-%m-%d", timeZone)
        return day == format(now, "%Y-%m-%d", timeZone)
            ? format(date, "%H:%M:%S", timeZone) : "\(day) \(format(date, "%H:%M", timeZone))"
    }

    /// Formats a local time with date and time zone: `2026-11-22 14:05:09 +0100`.
    static func fullTime(_ date: Date, timeZone: TimeZone) -> String {
        let minutes = timeZone.secondsFromGMT(for: date) / 60
        let zone = String(format: "%@%02d%02d", minutes < 0 ? "-" : "+", abs(minutes) / 60, abs(minutes) % 60)
        return format(date, "%Y-%m-%d %H:%M:%S", timeZone) + " " + zone
    }

    /// Formats a time in UTC with milliseconds, for JSON: `2026-11-22T13:05:09.123Z`.
    static func timestamp(_ date: Date) -> String {
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
        let whole = Date(timeIntervalSince1970: Double(milliseconds / 1000))
        return format(whole, "%Y-%m-%dT%H:%M:%S", .gmt) + String(format: ".%03dZ", Int(milliseconds % 1000))
    }

    /// Parses a duration, such as `90s`, `15m`, `2h`, `30d` or `4w`, and returns its seconds; nil for any other text.
    static func parseDuration(_ text: String) -> Double? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let last = text.last, let unit = units[last], let number = Double(text.dropLast()), number >= 0,
            number.isFinite, text.first?.isNumber == true
        else { return nil }
        // A longer duration must be a typing error, and a date cannot represent it.
        return number * unit <= 3e11 ? number * unit : nil
    }

    /// Parses a point in time; returns nil for any text but these:
    ///
    /// - a duration before now: `2h`
    /// - the start of a local day: `2026-11-22` or `today`
    /// - a local time: `2026-11-22T14:05`, with optional seconds and a fraction of them; a space may replace the T
    /// - a time with its zone: `2026-11-22T14:05Z`, `2026-11-22T14:05+01:00`
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
        // timegm interprets the fields as UTC, and the offset of the time zone is subtracted below. mktime would use
        // the time zone of the process instead of `timeZone`. For a date that does not exist, such as the 32nd, timegm
        // changes the fields to a date of the next month, so a changed field shows a wrong date.
        let fraction = match.7.flatMap { Double("0\($0)") } ?? 0
        let asGreenwich = Date(timeIntervalSince1970: Double(timegm(&parts)) + fraction)
        guard parts.tm_mon == asked.tm_mon, parts.tm_mday == asked.tm_mday, parts.tm_hour == asked.tm_hour,
            parts.tm_min == asked.tm_min
        else { return nil }
        if let zone = match.8 { return parseZone(String(zone)).map { asGreenwich.addingTimeInterval(-$0) } }
        let guess = asGreenwich.addingTimeInterval(-Double(timeZone.secondsFromGMT(for: asGreenwich)))
        return asGreenwich.addingTimeInterval(-Double(timeZone.secondsFromGMT(for: guess)))
    }

    /// Matches a day, which a time may follow. The time may have seconds, a fraction of a second and a zone.
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
