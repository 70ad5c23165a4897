import Testing

/// All tests that go through libvips, one after the other: its error text is one buffer for the process, which is right in
/// a worker with one image and would mix up the words of tests side by side.
@Suite("libvips", .serialized)
enum LibvipsTests {}
