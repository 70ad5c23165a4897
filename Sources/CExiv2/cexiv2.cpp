#include "cexiv2.h"

#include <exiv2/exiv2.hpp>

#include <cstring>
#include <mutex>
#include <new>
#include <string>
#include <vector>

struct cexiv2_block {
    std::vector<Exiv2::byte> bytes;
};

namespace {

/// The XMP parser keeps one table of namespaces per process, so only one thread may use it at a time.
std::mutex xmp_mutex;

/// Runs `body` and turns an exception into -1.
template <typename Body> int guarded(Body body) {
    try {
        return body();
    } catch (...) {
        return -1;
    }
}

bool fits(size_t count) { return count > 0 && count <= INT32_MAX; }

/// Copies what may stay into a new container, because removing entries one by one would take quadratic time.
template <typename Data>
int remove_from(Data &data, int (*removes)(const char *, const char *, void *), void *context) {
    Data kept;
    int count = 0;
    for (auto entry = data.begin(); entry != data.end(); ++entry) {
        if (removes(entry->key().c_str(), entry->toString().c_str(), context) == 0) kept.add(*entry);
        else ++count;
    }
    data = kept;
    return count;
}

} // namespace

void cexiv2_prepare(void) {
    guarded([] {
        std::lock_guard<std::mutex> lock(xmp_mutex);
        Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
        return Exiv2::XmpParser::initialize() ? 0 : -1;
    });
}

cexiv2_block *cexiv2_new(void) {
    cexiv2_prepare();
    return new (std::nothrow) cexiv2_block;
}

void cexiv2_free(cexiv2_block *block) { delete block; }

int cexiv2_standard_type(cexiv2_directory directory, uint16_t tag) {
    static const char *const groups[] = {"Image", "Photo", "Iop", "GPSInfo"};
    int type = guarded([=] {
        Exiv2::ExifKey key(tag, groups[directory]);
        // Exiv2 names unknown tags by their number.
        if (key.tagName().compare(0, 2, "0x") == 0) return 0;
        return static_cast<int>(key.defaultTypeId());
    });
    // Exiv2's own types, for values with a structure, are stored as undefined bytes.
    return type > 13 ? static_cast<int>(Exiv2::undefined) : type < 0 ? 0 : type;
}

int cexiv2_filter_iptc(
    cexiv2_block *block, const uint8_t *bytes, size_t count, int (*removes)(const char *, const char *, void *),
    void *context, const uint8_t **result, size_t *result_count) {
    *result_count = 0;
    return guarded([=] {
        Exiv2::IptcData iptc;
        if (!fits(count) || Exiv2::IptcParser::decode(iptc, bytes, static_cast<uint32_t>(count)) != 0) return -1;
        int removed = remove_from(iptc, removes, context);
        if (iptc.empty()) return removed;
        Exiv2::DataBuf data = Exiv2::IptcParser::encode(iptc);
        block->bytes.assign(data.pData_, data.pData_ + data.size_);
        *result = block->bytes.data();
        *result_count = block->bytes.size();
        return removed;
    });
}

int cexiv2_filter_xmp(
    cexiv2_block *block, const uint8_t *bytes, size_t count, int (*removes)(const char *, const char *, void *),
    void *context, const uint8_t **result, size_t *result_count) {
    *result_count = 0;
    return guarded([=] {
        if (!fits(count)) return -1;
        std::lock_guard<std::mutex> lock(xmp_mutex);
        // A packet may give a known prefix to another namespace, for the whole process.
        struct Namespaces {
            ~Namespaces() { Exiv2::XmpProperties::unregisterNs(); }
        } namespaces;
        Exiv2::XmpData xmp;
        if (Exiv2::XmpParser::decode(xmp, std::string(reinterpret_cast<const char *>(bytes), count)) != 0) return -1;
        int removed = remove_from(xmp, removes, context);
        if (xmp.empty()) return removed;
        std::string text;
        const uint16_t form = Exiv2::XmpParser::useCompactFormat | Exiv2::XmpParser::omitPacketWrapper;
        if (Exiv2::XmpParser::encode(text, xmp, form) != 0) return -1;
        // The toolkit writes some characters of damaged packets that it cannot read again.
        Exiv2::XmpData copy;
        if (Exiv2::XmpParser::decode(copy, text) != 0) return -1;
        block->bytes.assign(text.begin(), text.end());
        *result = block->bytes.data();
        *result_count = block->bytes.size();
        return removed;
    });
}
