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
        #expect(unknown?.description.contains(folder.string) == true)
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
