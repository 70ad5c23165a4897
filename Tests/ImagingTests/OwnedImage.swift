@testable import Imaging

/// Imaging's `VipsImage`, under a name that the module CVips does not have.
typealias OwnedImage = VipsImage
