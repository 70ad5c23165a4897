@testable import Imaging

/// Imaging's wrapper, under a name that libvips' module does not use too.
typealias OwnedImage = VipsImage
