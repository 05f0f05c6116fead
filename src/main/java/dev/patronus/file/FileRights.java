package dev.patronus.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/// Which mode and owner a new file gets, and what it keeps of the file that it replaces.
///
/// Immutable. The umask has no part in it. A file that root makes for the program in somebody's
/// folder belongs to the owner of that folder, so that a run by root does not shut the service's
/// user out.
///
/// @param mode the permissions of a file that replaces none
/// @param keepsMode whether a file that replaces another one keeps its mode, owner and group
/// @param modeMax the permissions that it has at most
/// @param ownerOfFolder whether a new file of root's is given to the owner of its folder
public record FileRights(int mode, boolean keepsMode, int modeMax, boolean ownerOfFolder) {
  private static final int OWNER_ONLY = 0600;

  /// For what the program keeps for itself: nobody else reads it, not even where an older version
  /// let them.
  public static final FileRights STATE = new FileRights(OWNER_ONLY, false, OWNER_ONLY, true);

  /// For what a user asked for: others but the group's members do not read it, until the user lets
  /// them; the file that replaces it keeps that.
  public static final FileRights OUTPUT = new FileRights(0640, true, 0777, false);

  /// For what a user asked for and nobody else is to read.
  public static final FileRights PRIVATE = new FileRights(OWNER_ONLY, false, OWNER_ONLY, false);

  /// For a new database, which belongs to the owner of its folder.
  public static final FileRights DATABASE = new FileRights(0640, false, 0640, true);

  /// For a copy of a file: for its owner alone; one that replaces another copy keeps that one's
  /// mode, as far as the original grants it.
  public static FileRights copyOf(FileStatus original) {
    return new FileRights(OWNER_ONLY, true, original.permissions() | OWNER_ONLY, false);
  }

  /// Gives a new file its mode and owner.
  ///
  /// @param file the new one, under whatever name
  /// @param now its status
  /// @param target the name that it will have
  void apply(Path file, FileStatus now, Path target) throws IOException {
    Optional<FileStatus> replaced =
        FileStatus.ofName(target)
            .filter(FileStatus::isRegular)
            .filter(there -> keepsMode || (ownerOfFolder && !there.isSameFile(now)));
    Optional<FileStatus> folder =
        Optional.ofNullable(target.toAbsolutePath().getParent()).flatMap(FileStatus::of);
    if (replaced.isPresent()) {
      own(file, now, replaced.get(), keptMode(replaced.get()));
    } else if (ownerOfFolder && now.owner() == 0) {
      own(file, now, folder.orElse(now), mode);
    } else {
      setMode(file, mode);
    }
  }

  private int keptMode(FileStatus replaced) {
    return keepsMode ? replaced.permissions() & modeMax : mode;
  }

  /// Takes owner and group as far as this user may give them; what was meant for a group that it
  /// cannot have is for no group.
  private static void own(Path file, FileStatus now, FileStatus model, int mode)
      throws IOException {
    int granted = mode;
    if (now.group() != model.group() && !set(file, "unix:gid", model.group())) {
      granted &= ~0070 | (mode & 0007) << 3;
    }
    if (now.owner() != model.owner()) {
      set(file, "unix:uid", model.owner());
    }
    setMode(file, granted);
  }

  static void setMode(Path file, int mode) throws IOException {
    Files.setAttribute(file, "unix:mode", mode, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean set(Path file, String attribute, int value) {
    try {
      Files.setAttribute(file, attribute, value, LinkOption.NOFOLLOW_LINKS);
      return true;
    } catch (IOException _) {
      return false; // only root gives files away, and only members their group
    }
  }
}
