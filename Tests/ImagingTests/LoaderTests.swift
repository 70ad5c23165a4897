import CVips
import Foundation
import Testing

@testable import Imaging

extension LibvipsTests {
    @Suite("Loaders")
    struct LoaderTests {
        private final class Names {
            var all: Set<String> = []
            var open: Set<String> = []
        }

        @Test("only five of libvips' loaders are allowed, all for descriptors")
        func allowList() throws {
            try VipsRuntime.start()
            let names = Names()
            vips_type_map_all(
                g_type_from_name("VipsForeignLoad"),
                { type, list in
                    guard let list, g_type_test_flags(type, G_TYPE_FLAG_ABSTRACT.rawValue) == 0,
                        let loader = g_type_class_ref(type)
                    else { return nil }
                    defer { g_type_class_unref(loader) }
                    let names = Unmanaged<Names>.fromOpaque(list).takeUnretainedValue()
                    let name = String(cString: g_type_name(type))
                    names.all.insert(name)
                    let flags = loader.assumingMemoryBound(to: VipsOperationClass.self).pointee.flags
                    if flags.rawValue & VIPS_OPERATION_BLOCKED.rawValue == 0 { names.open.insert(name) }
                    return nil
                }, Unmanaged.passUnretained(names).toOpaque())
            #expect(
                names.open == [
                    "VipsForeignLoadJpegSource", "VipsForeignLoadPngSource", "VipsForeignLoadWebpSource",
                    "VipsForeignLoadTiffSource", "VipsForeignLoadNsgifSource",
                ])
            // Otherwise the list of loaders was empty.
            #expect(names.all.count > 20, "\(names.all)")
        }

        @Test("loaders that libvips chooses by a file's name or first bytes are blocked")
        func find() throws {
            let folder = try TemporaryFolder()
            let image = try TestImage(width: 8, height: 8, bands: 1, space: VIPS_INTERPRETATION_B_W)
            for (operation, name) in [
                ("jpegsave", "a.jpg"), ("pngsave", "a.png"), ("tiffsave", "a.tif"), ("ppmsave", "a.ppm"),
                ("vipssave", "a.v"), ("csvsave", "a.csv"),
            ] {
                try image.save(operation, to: folder.file(name))
                let loader = try #require(vips_foreign_find_load(folder.file(name)))
                let load = try #require(vips_operation_new(loader))
                defer { g_object_unref(load) }
                let object = UnsafeMutableRawPointer(load).assumingMemoryBound(to: VipsObject.self)
                try #require(vips_object_set_argument_from_string(object, "filename", folder.file(name)) == 0)
                #expect(vips_cache_operation_build(load) == nil, "\(name)")
                #expect(VipsRuntime.takeErrorText().contains("blocked"), "\(name)")
            }
        }

        @Test("a file with too many images is refused with count, limit and setting")
        func pages() throws {
            let folder = try TemporaryFolder()
            let tall = try TestImage(width: 8, height: 40, bands: 3, space: VIPS_INTERPRETATION_sRGB)
            tall.image.set("page-height", 8)
            try tall.save("tiffsave", to: folder.file("pages.tif"))
            func options(_ pages: Int) -> DecodeOptions {
                DecodeOptions(
                    allowedFormats: [.tiff],
                    limits: ImageLimits(maximumPages: pages, names: ImageLimits.Names(pages: "limits.max_pages")))
            }
            try withReader(folder.file("pages.tif"), options(5)) { #expect($0.height == 8 && $0.notes.count == 1) }
            let error = #expect(throws: ImagingError.self) {
                try withReader(folder.file("pages.tif"), options(4)) { _ in }
            }
            #expect(error?.code == .tooLarge)
            #expect(error?.message == "The file has 5 images, but at most 4 are allowed (limits.max_pages).")
        }
    }
}
