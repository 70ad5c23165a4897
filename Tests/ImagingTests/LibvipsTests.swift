import Testing

/// All tests that use libvips, one after the other. libvips has one error buffer per process: that suits a worker, which has
/// one image, but would mix up the messages of parallel tests.
@Suite("libvips", .serialized)
enum LibvipsTests {}
