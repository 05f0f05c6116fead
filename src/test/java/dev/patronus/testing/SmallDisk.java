package dev.patronus.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file system of a few bytes (tmpfs), mounted until it is closed; needs root.
public final class SmallDisk implements AutoCloseable {
  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /// Mounts one as the folder `small` in a folder.
  ///
  /// @param size as mount(8) takes it for tmpfs: `64k`, `2m`
  public static SmallDisk in(Path outer, String size) throws IOException {
    Path folder = Files.createDirectory(outer.resolve("small"));
    Tools.requireRoot();
    Tools.requireKernel(
        Program.of("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder).run().exitCode()
            == 0,
        "right to mount a small disk");
    return new SmallDisk(folder);
  }

  public Path folder() {
    return folder;
  }

  @Override
  public void close() {
    Program.of("umount", folder).run();
  }
}
