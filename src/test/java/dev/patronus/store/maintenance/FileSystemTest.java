package dev.patronus.store.maintenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSystemTest {
  private static final List<String> MOUNTS =
      List.of(
          "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/root rw",
          "40 22 0:40 / /var/lib rw - xfs /dev/vdb rw",
          "41 40 0:41 / /var/lib/patronus rw,relatime shared:5 master:2 - nfs4 nas:/sdwan rw",
          "42 22 0:42 / /mnt/two\\040words rw - cifs //nas/x rw",
          "43 22 0:43 / /data rw - ext4 /dev/vdc rw",
          "44 43 0:44 / /data rw - fuse.sshfs me@nas:/ rw");

  private static Optional<FileSystem> of(String file) {
    return FileSystem.of(Path.of(file), MOUNTS);
  }

  @Test
  void it_is_the_longest_mount_point_that_counts() {
    assertEquals("nfs4", of("/var/lib/patronus/sdwan.db").orElseThrow().type());
    assertEquals("xfs", of("/var/lib/patronus2/sdwan.db").orElseThrow().type());
    assertEquals("ext4", of("/srv/sdwan.db").orElseThrow().type());
  }

  @Test
  void of_two_on_one_mount_point_it_is_the_last() {
    assertEquals("fuse.sshfs", of("/data/dashboard.db").orElseThrow().type());
  }

  @Test
  void mount_points_with_blanks_are_understood() {
    assertEquals(
        new FileSystem("cifs", Path.of("/mnt/two words")), of("/mnt/two words/x.db").orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "fuse.sshfs"})
  void what_several_machines_share_is_unsafe(String type) {
    assertTrue(new FileSystem(type, Path.of("/")).isShared());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuse.fuse-overlayfs"})
  void what_is_of_this_machine_is_not(String type) {
    assertFalse(new FileSystem(type, Path.of("/")).isShared());
  }

  @Test
  void the_kernel_knows_that_of_a_file(@TempDir Path folder) {
    assertTrue(FileSystem.of(folder).isPresent());
    assertEquals(Optional.empty(), FileSystem.of(folder.resolve("none")));
  }
}
