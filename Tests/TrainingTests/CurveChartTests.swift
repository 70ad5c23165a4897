import Foundation
import FoundationXML
import Testing

@testable import Training

struct CurveChartTests {
    /// Collects the texts and lines of a chart with an XML parser.
    private final class Reader: NSObject, XMLParserDelegate {
        var polylines: [[(Double, Double)]] = []
        var texts: [String] = []
        private var text = ""

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            text = ""
            guard name == "polyline" else { return }
            polylines.append(
                (attributes["points"] ?? "").split(separator: " ").map { point in
                    let parts = point.split(separator: ",").compactMap { Double($0) }
                    return (parts[0], parts[1])
                })
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
            if name == "text" { texts.append(text) }
        }
    }

    private func read(_ chart: CurveChart) -> Reader? {
        let parser = XMLParser(data: Data(chart.svg.utf8))
        let reader = Reader()
        parser.delegate = reader
        return parser.parse() ? reader : nil
    }

    @Test func everyMetricHasItsLine() throws {
        let lines = (1...50).map { i -> [String: Double] in
            var line: [String: Double] = [
                "iteration": 10 * Double(i), "l_g_pix": 1 / Double(i), "l_d_real": 0.2, "l_d_fake": 0.1, "l_g_gan": 0.5,
                "learning_rate": 1e-4, "iterations_per_second": 2, "data_wait": 0,
            ]
            if i % 25 == 0 {
                line["psnr_y/Set5 <a>"] = 28 + Double(i) / 50
                line["bicubic_psnr_y/Set5 <a>"] = 28.4
            }
            return line
        }
        let reader = try #require(read(RunCurves.chart(title: "R&D", lines: lines)))
        #expect(reader.texts[0] == "R&D")
        // Pixel loss, three adversarial losses, PSNR of the model and of bicubic, learning rate.
        #expect(reader.polylines.map(\.count) == [50, 50, 50, 50, 2, 2, 50])
        #expect(reader.texts.contains("Set5 <a> 29") && reader.texts.contains("bicubic 28.4"))
        #expect(reader.texts.contains("l_g_pix 0.02") && reader.texts.contains("PSNR on Y, dB"))
        // The losses decrease, so their y coordinates increase.
        let pixel = reader.polylines[0]
        #expect(zip(pixel, pixel.dropFirst()).allSatisfy { $0.0 < $1.0 && $0.1 < $1.1 })
        #expect(pixel[49].0 == reader.polylines[6][49].0)
    }

    @Test func longRunsAreThinned() throws {
        let lines = (1...8000).map { ["iteration": Double($0), "l_g_pix": 1 + Double($0 % 2)] }
        let reader = try #require(read(RunCurves.chart(title: "long", lines: lines)))
        #expect(reader.polylines[0].count == 400)
        // The zigzag disappears in the means of neighbouring points.
        #expect(Set(reader.polylines[0].map(\.1)).count == 1)
    }

    @Test func theFirstReportIsDrawn() throws {
        let reader = try #require(read(RunCurves.chart(title: "", lines: [["iteration": 1, "l_g_pix": 0]])))
        #expect(reader.polylines.count == 1 && reader.polylines[0].allSatisfy { $0.0.isFinite && $0.1.isFinite })
        #expect(try #require(read(RunCurves.chart(title: "", lines: []))).polylines.isEmpty)
    }

    @Test func ticksAreRound() {
        #expect(ChartAxis(from: 0, to: 9000).ticks == [0, 2000, 4000, 6000, 8000])
        #expect(ChartAxis(showing: [0, 1e-3], isLogarithmic: false).ticks[0].sign == .plus)
        let psnr = ChartAxis(showing: [25.1, 31.9], isLogarithmic: false)
        #expect(psnr.ticks == [26, 28, 30, 32])
        #expect(psnr.range.contains(25.1) && psnr.range.contains(31.9))
        let loss = ChartAxis(showing: [0.03, 0.6], isLogarithmic: true)
        #expect(loss.ticks.map { ($0 * 1000).rounded() } == [50, 100, 200, 500])
        #expect(abs(loss.position(of: (0.03 * 0.6).squareRoot()) - 0.5) < 1e-9)
        // Zero has no logarithm.
        #expect(!ChartAxis(showing: [0, 1], isLogarithmic: true).isLogarithmic)
    }
}
