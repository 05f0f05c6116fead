package dev.patronus.doctor;

import java.util.List;

/// What the machine shows of itself, besides what the daemon says.
///
/// Immutable.
///
/// @param processors how many processors it has
/// @param database the file of the database
/// @param databaseTroubles why the database cannot be read or written, and what is wrong in it
/// @param usable whether the database can be read
/// @param diskFreeBytes what is left on its disk; negative if unknown
/// @param growthBytesPerDay how fast the history grows; 0 if unknown, or where raw rows are kept
///   for a limited time
/// @param policyTroubles what is wrong with policies
/// @param strayDatagrams UDP datagrams that came, while it was watched, to ports where nobody
///   listens
/// @param conntrackTroubles what the kernel's accounting lacks; empty where no source needs it
public record MachineFacts(
    int processors,
    String database,
    List<Finding> databaseTroubles,
    boolean usable,
    long diskFreeBytes,
    long growthBytesPerDay,
    List<Finding> policyTroubles,
    long strayDatagrams,
    List<Finding> conntrackTroubles) {
  public MachineFacts {
    databaseTroubles = List.copyOf(databaseTroubles);
    policyTroubles = List.copyOf(policyTroubles);
    conntrackTroubles = List.copyOf(conntrackTroubles);
  }

  /// The folder of the database.
  String folder() {
    int slash = database.lastIndexOf('/');
    return slash < 0 ? "." : database.substring(0, Math.max(slash, 1));
  }
}
