import Foundation
import ModelLocation
import SystemPackage
import Testing

/// Models are found by name in a fixed order of folders, or used by path.
struct ModelLocatorTests {
    @Test func modelsAreFoundByNameAndUsedByPath() throws {
        let folder = FilePath(FileManager.default.temporaryDirectory.path).appending("srgan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let path = folder.appending("mine.safetensors")
        try Data().write(to: URL(fileURLWithPath: path.string))
        let locator = ModelLocator(environment: ["SRGAN_MODELS": folder.string], program: nil)
        #expect(try locator.locate("mine") == path)
        #expect(try locator.locate("some/where.safetensors") == "some/where.safetensors")
        #expect(try locator.locate("here.safetensors") == "here.safetensors")
        let unknown = #expect(throws: ModelNotFound.self) { try locator.locate("blurry") }
        #expect(unknown?.model == "blurry")
        #expect(unknown?.description == #"There is no model named "blurry". Known models: mine."#)
        var nearly = try #require(#expect(throws: ModelNotFound.self) { try locator.locate("mien") })
        #expect(nearly.description == #"There is no model named "mien". Did you mean "mine"? Known models: mine."#)
        nearly.listsFolders = true
        #expect(nearly.description.hasSuffix(" Searched folders: \(folder.string)."))
        let empty = ModelLocator(environment: [:], program: nil)
        let none = #expect(throws: ModelNotFound.self) { try empty.locate("mine") }
        #expect(none?.description.contains("No folder has a model") == true)
    }

    @Test func theFirstFolderWithANameIsListed() throws {
        let folder = FilePath(FileManager.default.temporaryDirectory.path).appending("srgan-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        for name in [
            "a/x.safetensors", "b/models/x.safetensors", "b/models/y.safetensors", "a/.z.safetensors", "a/n.txt",
        ] {
            let path = folder.pushing(FilePath(name))
            try FileManager.default.createDirectory(
                atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: path.string))
        }
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending("a/link.safetensors").string, withDestinationPath: "x.safetensors")
        let locator = ModelLocator(
            configurationFolder: folder.appending("b"), environment: ["SRGAN_MODELS": folder.appending("a").string],
            program: nil)
        let models = locator.models()
        #expect(models.map(\.name) == ["link", "x", "y"])
        #expect(try models.allSatisfy { try locator.locate($0.name) == $0.path })
    }

    @Test func foldersAreSearchedInOrder() {
        let locator = ModelLocator(
            configurationFolder: "/etc/srgan", environment: ["SRGAN_MODELS": "/m", "HOME": "/home/a"],
            program: "/opt/x/bin/srgan")
        #expect(
            locator.folders.map(\.string) == [
                "/m", "/etc/srgan/models", "/home/a/.local/share/srgan/models", "/opt/x/bin/models",
                "/opt/x/bin/share/srgan/models", "/opt/x/models", "/opt/x/share/srgan/models", "/opt/models",
                "/opt/share/srgan/models", "/models", "/share/srgan/models",
            ])
        let data = ModelLocator(environment: ["XDG_DATA_HOME": "/data", "HOME": "/home/a"], program: nil)
        #expect(data.folders == ["/data/srgan/models"])
    }
}
