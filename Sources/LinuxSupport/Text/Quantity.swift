import Foundation

/// Formats durations, sizes and times for people. All functions are pure.
public enum Quantity {
    /// Formats a duration: `0.42s`, `12.3s`, `3m 05s`, `2h 07m`, `4d 03h`.
    public static func duration(_ seconds: Double) -> String {
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
    public static func bytes(_ count: Int64) -> String {
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
    public static func size(_ width: Int, _ height: Int) -> String { "\(width)x\(height)" }

    /// Formats a number with the given number of digits after the point, independent of the locale.
    public static func fixed(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
