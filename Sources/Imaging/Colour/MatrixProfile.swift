/// Makes an ICC profile in memory from primaries, a white point and an exponent.
///
/// The profile is not read from a file, because a worker in its sandbox cannot open files.
struct MatrixProfile {
    /// A chromaticity in the CIE 1931 xy plane.
    struct Point: Equatable {
        var x, y: Double
    }

    var red, green, blue, white: Point
    /// The exponent of the power function that converts a sample's value to the intensity of light.
    var exponent: Double
    var isGrey = false

    /// sRGB's primaries and white point (IEC 61966-2-1), with a power function in place of sRGB's curve.
    static func sRGBPrimaries(exponent: Double) -> MatrixProfile {
        MatrixProfile(
            red: Point(x: 0.64, y: 0.33), green: Point(x: 0.30, y: 0.60), blue: Point(x: 0.15, y: 0.06),
            white: Point(x: 0.3127, y: 0.3290), exponent: exponent)
    }

    /// Adobe RGB (1998): sRGB's primaries except green, and the exponent 563/256.
    static let adobeRGB: MatrixProfile = {
        var profile = sRGBPrimaries(exponent: 563.0 / 256)
        profile.green = Point(x: 0.21, y: 0.71)
        return profile
    }()

    /// The bytes of the profile, in ICC version 4; nil if the primaries or the exponent define no usable colour space.
    var bytes: [UInt8]? {
        guard (0.1...10).contains(exponent) else { return nil }
        // A parametric curve of type 0 is a power function.
        let curve = Array("para".utf8) + [0, 0, 0, 0, 0, 0, 0, 0] + Self.fixed(exponent)
        var tags = [("wtpt", Self.xyz(Self.d50))]
        if isGrey {
            tags.append(("kTRC", curve))
        } else {
            guard let columns else { return nil }
            for (name, column) in zip(["rXYZ", "gXYZ", "bXYZ"], columns) { tags.append((name, Self.xyz(column))) }
            for name in ["rTRC", "gTRC", "bTRC"] { tags.append((name, curve)) }
        }
        var table = Self.big(tags.count)
        var data: [UInt8] = []
        let dataStart = 128 + 4 + 12 * tags.count
        for (name, value) in tags {
            table += Array(name.utf8) + Self.big(dataStart + data.count) + Self.big(value.count)
            data += value
        }
        var header = Self.big(dataStart + data.count) + [0, 0, 0, 0, 4, 0x30, 0, 0]
        header += Array("mntr".utf8) + Array((isGrey ? "GRAY" : "RGB ").utf8) + Array("XYZ ".utf8)
        header += [UInt8](repeating: 0, count: 12) + Array("acsp".utf8) + [UInt8](repeating: 0, count: 28)
        header += Self.d50.flatMap { Self.fixed($0) }
        header += [UInt8](repeating: 0, count: 128 - header.count)
        return header + table + data
    }

    private static let d50 = [0.9642, 1.0, 0.8249]

    /// The XYZ values of the primaries, scaled so that their sum is the white point, and adapted to the white point D50
    /// with Bradford's method, as ICC requires.
    private var columns: [[Double]]? {
        let primaries = [red, green, blue].map(Self.light)
        let white = Self.light(white)
        guard (primaries + [white]).joined().allSatisfy({ $0.isFinite && abs($0) < 100 }),
            let weights = Self.solve(primaries, white)
        else { return nil }
        let cone = Self.cone(white)
        let target = Self.cone(Self.d50)
        guard cone.allSatisfy({ $0 > 0 }) else { return nil }
        var columns: [[Double]] = []
        for (primary, weight) in zip(primaries, weights) {
            let scaled = zip(Self.cone(primary.map { $0 * weight }), zip(target, cone)).map { $0 * $1.0 / $1.1 }
            guard let adapted = Self.solve(Self.bradford, scaled), adapted.allSatisfy({ abs($0) < 100 }) else {
                return nil
            }
            columns.append(adapted)
        }
        return columns
    }

    /// The XYZ values of a chromaticity at luminance 1.
    private static func light(_ point: Point) -> [Double] {
        [point.x / point.y, 1, (1 - point.x - point.y) / point.y]
    }

    /// The columns of Bradford's matrix.
    private static let bradford = [[0.8951, -0.7502, 0.0389], [0.2664, 1.7135, -0.0685], [-0.1614, 0.0367, 1.0296]]

    private static func cone(_ xyz: [Double]) -> [Double] {
        (0..<3).map { row in (0..<3).reduce(0) { $0 + bradford[$1][row] * xyz[$1] } }
    }

    /// Solves three linear equations with Cramer's rule; nil if the matrix of these columns is singular.
    private static func solve(_ columns: [[Double]], _ right: [Double]) -> [Double]? {
        func determinant(_ c: [[Double]]) -> Double {
            c[0][0] * (c[1][1] * c[2][2] - c[2][1] * c[1][2]) - c[1][0] * (c[0][1] * c[2][2] - c[2][1] * c[0][2])
                + c[2][0] * (c[0][1] * c[1][2] - c[1][1] * c[0][2])
        }
        let whole = determinant(columns)
        guard abs(whole) > 1e-6 else { return nil }
        return (0..<3).map { index in
            var replaced = columns
            replaced[index] = right
            return determinant(replaced) / whole
        }
    }

    private static func xyz(_ values: [Double]) -> [UInt8] {
        Array("XYZ ".utf8) + [0, 0, 0, 0] + values.flatMap { fixed($0) }
    }

    /// Encodes a number in 4 bytes, of which the last 2 hold the fraction (ICC's s15Fixed16Number).
    private static func fixed(_ value: Double) -> [UInt8] { big(Int((value * 65_536).rounded())) }

    private static func big(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) } }
}
