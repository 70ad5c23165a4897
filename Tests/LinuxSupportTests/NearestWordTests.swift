import Testing

@testable import LinuxSupport

@Suite struct NearestWordTests {
    @Test func distanceCountsEdits() {
        #expect(NearestWord.distance("", "") == 0)
        #expect(NearestWord.distance("", "abc") == 3)
        #expect(NearestWord.distance("abc", "") == 3)
        #expect(NearestWord.distance("kitten", "sitting") == 3)
        #expect(NearestWord.distance("lsit", "list") == 1)
    }

    @Test func theNearestWordIsFound() {
        let models = ["srgan-photo-x4", "srgan-x4", "srresnet-x4", "srresnet-x4-small"]
        #expect(NearestWord.find("srgan-foto-x4", among: models) == "srgan-photo-x4")
        #expect(NearestWord.find("SRGAN-x4", among: models) == "srgan-x4")
        #expect(NearestWord.find("srresnet", among: models) == "srresnet-x4")
        #expect(NearestWord.find("photo", among: models) == "srgan-photo-x4")
        #expect(NearestWord.find("waifu", among: models) == nil)
        #expect(NearestWord.find("", among: models) == nil)
        #expect(NearestWord.find("status", among: ["show", "stats", "list"]) == "stats")
        #expect(NearestWord.find("x", among: [String]()) == nil)
    }
}
