package dev.patronus.config;

import dev.patronus.fleet.address.HubAddress;
import dev.patronus.site.GuardLevel;
import dev.patronus.time.DurationText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// What is another in the settings that were read again.
///
/// Immutable.
///
/// @param inForce the settings from now on: what cannot change while the daemon runs is as before
/// @param taken what changes at once, a phrase each, for the log
/// @param waiting the names of those that wait for a restart
public record SettingsChange(DaemonSettings inForce, List<String> taken, List<String> waiting) {
  public SettingsChange {
    taken = List.copyOf(taken);
    waiting = List.copyOf(waiting);
  }

  /// The change from one to the other.
  public static SettingsChange of(DaemonSettings before, DaemonSettings after) {
    return new SettingsChange(inForce(before, after), taken(before, after), waiting(before, after));
  }

  private static DaemonSettings inForce(DaemonSettings before, DaemonSettings after) {
    return new DaemonSettings(
        before.database(),
        after.sources(),
        after.allowExporters(),
        after.snapshotEvery(),
        before.flowTimeout(),
        before.stateDir(),
        before.socket(),
        after.metricsListen(),
        after.countTunnels(),
        after.countReplies(),
        after.retention(),
        after.guards(),
        after.deletedKeep(),
        after.platformFlows(),
        after.purgeExpired(),
        after.corrections(),
        after.alerts(),
        after.roles(),
        after.fleet());
  }

  private static List<String> taken(DaemonSettings before, DaemonSettings after) {
    Names names = new Names(before, after);
    names.add("source", DaemonSettings::sources, _ -> after.sources().size() + " active");
    names.add(
        "allow-exporter",
        DaemonSettings::allowExporters,
        each -> each.allowExporters().isEmpty() ? "everybody" : each.allowExporters().toString());
    names.add(
        "snapshot-every",
        DaemonSettings::snapshotEvery,
        each -> DurationText.format(each.snapshotEvery()));
    names.add(
        "metrics-listen",
        DaemonSettings::metricsListen,
        each -> each.metricsListen().map(Listen::text).orElse("off"));
    names.add("count-tunnels", DaemonSettings::countTunnels, each -> yes(each.countTunnels()));
    names.add("count-replies", DaemonSettings::countReplies, each -> yes(each.countReplies()));
    names.add("retention", DaemonSettings::retention, each -> each.retention().text());
    names.add(
        "platform-guards",
        DaemonSettings::guards,
        each -> each.guards().map(GuardLevel::word).orElse("unchanged"));
    names.add(
        "deleted-sites-keep",
        DaemonSettings::deletedKeep,
        each -> DurationText.format(each.deletedKeep()));
    names.add(
        "platform-flows",
        DaemonSettings::platformFlows,
        each -> Integer.toString(each.platformFlows()));
    names.add("purge-expired", DaemonSettings::purgeExpired, each -> yes(each.purgeExpired()));
    names.add("sampling", each -> each.corrections().sampling(), _ -> "corrected");
    names.add("sampling-default", each -> each.corrections().samplingDefault(), _ -> "changed");
    names.add("max-rate", each -> each.corrections().maxRateBits(), _ -> "changed");
    names.add("exporter-name", each -> each.corrections().names(), _ -> "changed");
    names.add(
        "alert", each -> each.alerts().rules(), each -> each.alerts().rules().size() + " rules");
    names.add("budget", each -> each.alerts().budgets(), _ -> "changed");
    names.add("roles", DaemonSettings::roles, each -> each.roles().isEmpty() ? "off" : "changed");
    names.add(
        "fleet", DaemonSettings::fleet, each -> each.fleet().map(HubAddress::text).orElse("off"));
    names.add("alert actions", each -> each.alerts().withoutRules(), _ -> "changed");
    return names.found;
  }

  private static List<String> waiting(DaemonSettings before, DaemonSettings after) {
    Names names = new Names(before, after);
    names.add("db", DaemonSettings::database, _ -> "");
    names.add("flow-timeout", DaemonSettings::flowTimeout, _ -> "");
    names.add("state-dir", DaemonSettings::stateDir, _ -> "");
    names.add("socket", DaemonSettings::socket, _ -> "");
    return names.found;
  }

  private static String yes(boolean flag) {
    return flag ? "yes" : "no";
  }

  /// Collects the names of what differs.
  private record Names(DaemonSettings before, DaemonSettings after, List<String> found) {
    Names(DaemonSettings before, DaemonSettings after) {
      this(before, after, new ArrayList<>());
    }

    void add(
        String name,
        Function<DaemonSettings, Object> value,
        Function<DaemonSettings, String> shown) {
      if (!value.apply(before).equals(value.apply(after))) {
        found.add((name + " " + shown.apply(after)).strip());
      }
    }
  }
}
