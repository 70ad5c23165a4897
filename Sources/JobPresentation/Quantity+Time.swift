import Foundation
import LinuxSupport

/// Formats times, and parses the values of options. All functions are pure.
extension Quantity {
    /// Formats a local time: `14:05:09` if it is on the same day as `now`, else `2026-11-22 14:05`.
    package static func time(_ date: Date, now: Date, timeZone: TimeZone) -> String {
        let day = format(date, "%Y-%m-%d", timeZone)
        return day == format(now, "%Y-%m-%d", timeZone)
            ? format(date, "%H:%M:%S", timeZone) : "\(day) \(format(date, "%H:%M", timeZone))"
    }

    /// Formats a local time without seconds: `14:05` if it is on the same day as `now`, else `2026-11-22 14:05`.
    package static func clock(_ date: Date, now: Date, timeZone: TimeZone) -> String {
        let day = format(date, "%Y-%m-%d", timeZone)
        return (day == format(now, "%Y-%m-%d", timeZone) ? "" : day + " ") + format(date, "%H:%M", timeZone)
    }

    /// Formats a local time with date and time zone: `2026-11-22 14:05:09 +0100`.
    package static func fullTime(_ date: Date, timeZone: TimeZone) -> String {
        let minutes = timeZone.secondsFromGMT(for: date) / 60
        let zone = String(format: "%@%02d%02d", minutes < 0 ? "-" : "+", abs(minutes) / 60, abs(minutes) % 60)
        return format(date, "%Y-%m-%d %H:%M:%S", timeZone) + " " + zone
    }

    /// Formats a time in UTC with milliseconds, for JSON: `2026-11-22T13:05:09.123Z`.
    package static func timestamp(_ date: Date) -> String {
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
        // Up to the end of the year 9999. A list of 20,000 jobs has 60,000 times, and strftime takes ten times as long.
        if (0..<253_402_300_800_000).contains(milliseconds) { return timestamp(milliseconds: Int(milliseconds)) }
        let whole = Date(timeIntervalSince1970: Double(milliseconds / 1000))
        return format(whole, "%Y-%m-%dT%H:%M:%S", .gmt) + String(format: ".%03dZ", Int(milliseconds % 1000))
    }

    /// Formats a time after 1969.
    private static func timestamp(milliseconds: Int) -> String {
        // The calendar repeats every 146,097 days. Years are counted from March on, so that a leap day is the last day
        // of its year (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
        let shifted = milliseconds / 86_400_000 + 719_468
        let (era, day) = (shifted / 146_097, shifted % 146_097)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let seconds = milliseconds / 1000 % 86_400
        let fields = [
            (400 * era + year + (month < 10 ? 0 : 1), 4, "-"), (month < 10 ? month + 3 : month - 9, 2, "-"),
            (dayOfYear - (153 * month + 2) / 5 + 1, 2, "T"), (seconds / 3600, 2, ":"), (seconds / 60 % 60, 2, ":"),
            (seconds % 60, 2, "."), (milliseconds % 1000, 3, "Z"),
        ]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        for (number, digits, separator) in fields {
            for place in [1000, 100, 10, 1].suffix(digits) {
                bytes.append(UInt8(ascii: "0") + UInt8(number / place % 10))
            }
            bytes += separator.utf8
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Parses a duration, such as `90s`, `15m`, `2h`, `30d` or `4w`, and returns its seconds; nil for any other text.
    package static func parseDuration(_ text: String) -> Double? {
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
    package static func parseTime(_ text: String, now: Date, timeZone: TimeZone) -> Date? {
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
