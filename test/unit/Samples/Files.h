//===- Files.h - Data sets that tests write ---------------------*- C++ -*-===//

#ifndef MLC_TEST_SAMPLES_FILES_H
#define MLC_TEST_SAMPLES_FILES_H

#include "Samples/Samples.h"
#include "TensorIO/Npy.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <minizip/zip.h>

namespace mlc {

/// A folder that goes with the object.
class TestFolder {
public:
  TestFolder() {
    llvm::cantFail(llvm::errorCodeToError(
        llvm::sys::fs::createUniqueDirectory("samples", folder)));
  }
  ~TestFolder() { llvm::sys::fs::remove_directories(folder); }

  std::string path(const llvm::Twine &name) const {
    llvm::SmallString<128> result(folder);
    llvm::sys::path::append(result, name);
    return result.str().str();
  }

  std::string write(const llvm::Twine &name, llvm::StringRef bytes) const {
    std::string file = path(name);
    llvm::sys::fs::create_directories(llvm::sys::path::parent_path(file));
    std::error_code error;
    llvm::raw_fd_ostream os(file, error);
    os << bytes;
    return file;
  }

private:
  llvm::SmallString<128> folder;
};

/// A tensor of the numbers 0, 1, 2, ...
inline Tensor counting(ElementType type, llvm::ArrayRef<int64_t> shape) {
  Tensor tensor = llvm::cantFail(Tensor::create(type, shape));
  visitElementType(type, [&](auto zero) {
    int64_t next = 0;
    for (auto &value : tensor.values<decltype(zero)>())
      value = decltype(zero)(next++);
  });
  return tensor;
}

inline std::string npy(const Tensor &tensor) {
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  printNpy(os, tensor);
  return bytes;
}

/// Writes an archive as numpy.savez does, or savez_compressed.
inline void
writeZip(const std::string &path,
         llvm::ArrayRef<std::pair<std::string, std::string>> members,
         bool isCompressed = true) {
  zipFile zip = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
  for (const auto &[name, bytes] : members) {
    zipOpenNewFileInZip64(zip, name.c_str(), nullptr, nullptr, 0, nullptr, 0,
                          nullptr, isCompressed ? Z_DEFLATED : 0, 6, 1);
    zipWriteInFileInZip(zip, bytes.data(), unsigned(bytes.size()));
    zipCloseFileInZip(zip);
  }
  zipClose(zip, nullptr);
}

using Wanted = Samples::Wanted;

/// Opens and reads all, two samples at once; what is wrong, or "".
inline std::string problemOf(llvm::StringRef path,
                             llvm::ArrayRef<Wanted> wanted,
                             llvm::StringRef stem = "input") {
  llvm::Expected<Samples> samples = Samples::open(path, wanted, stem);
  if (!samples)
    return llvm::toString(samples.takeError());
  std::vector<Tensor> batch;
  for (int64_t i = 0; i < samples->count(); i += 2) {
    int64_t count = std::min<int64_t>(2, samples->count() - i);
    if (llvm::Error error = samples->read(i, count, batch))
      return llvm::toString(std::move(error));
  }
  return "";
}

} // namespace mlc

#endif // MLC_TEST_SAMPLES_FILES_H
