package dev.patronus.diagnosis;

import java.util.List;
import java.util.Optional;

/// What the machine shows of itself, besides what the daemon says.
///
/// Immutable.
///
/// @param database the file of the database
/// @param databaseTrouble why the database cannot be used; empty if it can
/// @param lockTrouble why it cannot be written now; empty if it can
/// @param diskFreeBytes what is left on its disk; negative if unknown
/// @param growthBytesPerDay how fast the history grows; 0 if unknown, or where it is thinned
/// @param unreadablePolicies complaints of the policies that match nothing
/// @param strayDatagrams UDP datagrams that came, while it was watched, to ports where nobody
///   listens
/// @param conntrackTroubles what the kernel's accounting lacks; empty where no source needs it
public record Machine(
    String database,
    Optional<String> databaseTrouble,
    Optional<String> lockTrouble,
    long diskFreeBytes,
    long growthBytesPerDay,
    List<String> unreadablePolicies,
    long strayDatagrams,
    List<Finding> conntrackTroubles) {
  public Machine {
    unreadablePolicies = List.copyOf(unreadablePolicies);
    conntrackTroubles = List.copyOf(conntrackTroubles);
  }
}
