package dev.patronus.policy.rule;

import dev.patronus.flow.FlowKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What kind of application a flow belongs to, by protocol and destination port alone.
///
/// The first class that fits, in the order of declaration, is the flow's only one.
public enum ApplicationClass {
  VOIP("VoIP", "5060-5061", "5060-5061 16384-32767"),
  VIDEO_CONFERENCE("VideoConference", "3478-3481 8801-8810 19302-19310", "3478-3481 8801-8810"),
  WEB("Web", "80 443 8080 8443", ""),
  EMAIL("Email", "25 465 587 110 995 143 993", ""),
  FILE_TRANSFER("FileTransfer", "20 21 22 445 139", ""),
  DATABASE("Database", "3306 5432 27017 6379 1433", ""),
  BACKUP("Backup", "873 10000-10999", ""),
  OTHER("Other", "", "");

  private static final ApplicationClass[] ALL = values();

  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // PortRange.list gives lists that cannot be changed
  private final List<PortRange> tcp;

  @SuppressWarnings("ImmutableEnumChecker") // as above
  private final List<PortRange> udp;

  ApplicationClass(String text, String tcp, String udp) {
    this.text = text;
    this.tcp = PortRange.list(tcp);
    this.udp = PortRange.list(udp);
  }

  /// The class of a flow of this protocol to this port.
  public static ApplicationClass of(int protocol, int dstPort) {
    for (ApplicationClass candidate : ALL) {
      if (anyContains(candidate.ports(protocol), dstPort)) {
        return candidate;
      }
    }
    return OTHER;
  }

  public static ApplicationClass of(FlowKey flow) {
    return of(flow.protocol(), flow.dstPort());
  }

  /// The class that the database calls so; empty if it knows none of this name.
  public static Optional<ApplicationClass> named(String text) {
    return Arrays.stream(ALL).filter(known -> known.text.equals(text)).findFirst();
  }

  /// The ports that are listed for it, also those that an earlier class takes.
  public List<PortRange> ports(int protocol) {
    return switch (protocol) {
      case FlowKey.TCP -> tcp;
      case FlowKey.UDP -> udp;
      default -> List.of();
    };
  }

  private static boolean anyContains(List<PortRange> ranges, int port) {
    for (PortRange range : ranges) {
      if (range.contains(port)) {
        return true;
      }
    }
    return false;
  }

  /// The database's name for it.
  @Override
  public String toString() {
    return text;
  }
}
