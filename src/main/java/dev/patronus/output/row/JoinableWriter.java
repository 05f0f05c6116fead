package dev.patronus.output.row;

import java.io.IOException;
import java.io.OutputStream;

/// A [RowWriter] whose rows may be encoded in parts, by several writers on several threads, and are
/// put together afterwards. The bytes are the same as if it had encoded all rows itself.
public interface JoinableWriter extends RowWriter {
  /// A writer for rows that follow others of this one, after [#begin]: it writes no header. Each
  /// [RowWriter#finish()] ends a part and flushes it; the next row begins another.
  RowWriter part(OutputStream out);

  /// Adds the next bytes of a part.
  ///
  /// @param length how many bytes of the array there are
  void append(byte[] rows, int length) throws IOException;
}
