package dev.patronus.cli.option;

import dev.patronus.cli.command.Invocation;
import dev.patronus.cli.option.PolicyNames.OfHub;
import dev.patronus.cli.option.PolicyNames.PlacedPolicy;
import dev.patronus.error.Counted;
import dev.patronus.error.ExitCode;
import dev.patronus.error.UserError;
import dev.patronus.fleet.address.HubLogin;
import dev.patronus.fleet.read.FleetReader;
import dev.patronus.fleet.read.HubCheck;
import dev.patronus.fleet.read.HubGateway;
import dev.patronus.fleet.read.HubHistory;
import dev.patronus.fleet.read.HubItem;
import dev.patronus.fleet.read.HubLists;
import dev.patronus.fleet.read.HubPolicy;
import dev.patronus.history.plan.HistorySource;
import dev.patronus.site.SiteOverview;
import dev.patronus.store.maintenance.CheckFinding;
import dev.patronus.store.table.PathTable;
import dev.patronus.store.table.PolicyTable;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Reads the hub that a command names: that of `--hub`, else of `PATRONUS_FLEET`, else of the
/// setting `fleet`.
public final class FleetReading {
  private FleetReading() {}

  /// Reads what is wanted of the gateways that the options name.
  ///
  /// @throws UserError if there is no hub, no such gateway, or reading fails
  public static <T> T read(Invocation call, FleetOptions options, Function<FleetReader, T> work) {
    return FleetReader.read(
        login(call, options), names -> GatewayNames.matching(options.patterns(), names), work);
  }

  /// The gateways that are read, in words: `berlin`, `3 gateways`.
  public static String described(List<String> gateways) {
    return gateways.size() == 1 ? gateways.getFirst() : Counted.of(gateways.size(), "gateway");
  }

  /// Answers from the history of the policies of the gateways that the options name.
  public static <T> T history(
      Invocation call, FleetOptions options, BiFunction<HistorySource, PolicyNames, T> work) {
    return read(
        call,
        options,
        reader -> {
          HubHistory history = new HubHistory(reader);
          return work.apply(history, names(reader, history));
        });
  }

  /// The rows of a list on a hub, and how many gateways were read.
  ///
  /// @param gateways their names
  public record Listed<T>(List<String> gateways, List<GatewayRow<T>> rows) {
    /// Whether more than one gateway was read.
    public boolean several() {
      return gateways.size() > 1;
    }
  }

  /// The sites of the gateways that the options name.
  ///
  /// @param deleted whether deleted ones are in the list, too
  public static Listed<SiteOverview> sites(Invocation call, FleetOptions options, boolean deleted) {
    return read(call, options, reader -> listed(reader, new HubLists(reader).sites(deleted)));
  }

  /// The policies of the gateways that the options name.
  ///
  /// @param deleted whether deleted ones are in the list, too
  public static Listed<PolicyTable.Row> policies(
      Invocation call, FleetOptions options, boolean deleted) {
    return read(call, options, reader -> listed(reader, new HubLists(reader).policies(deleted)));
  }

  /// The paths of the gateways that the options name, and the names of their sites by gateway and
  /// id.
  public record ListedPaths(
      Listed<PathTable.Row> paths, Map<String, Map<String, String>> siteNames) {}

  /// The paths of the gateways that the options name.
  ///
  /// @param deleted whether deleted ones are in the list, too
  public static ListedPaths paths(Invocation call, FleetOptions options, boolean deleted) {
    return read(
        call,
        options,
        reader -> {
          HubLists lists = new HubLists(reader);
          return new ListedPaths(listed(reader, lists.paths(deleted)), lists.siteNames());
        });
  }

  private static <T> Listed<T> listed(FleetReader reader, List<HubItem<T>> items) {
    List<String> gateways = reader.gateways().stream().map(HubGateway::name).toList();
    return new Listed<>(
        gateways,
        items.stream()
            .map(item -> new GatewayRow<>(item.gateway().name(), item.item(), item.deletedAt()))
            .toList());
  }

  /// What the policies of gateways are called.
  public static PolicyNames names(FleetReader reader, HubHistory history) {
    Map<Long, PlacedPolicy> placed = new HashMap<>();
    for (long policy : history.names().keySet()) {
      HubPolicy of = history.policy(policy);
      placed.put(policy, new PlacedPolicy(of.gateway(), of.policyId()));
    }
    List<String> gateways = reader.gateways().stream().map(HubGateway::name).toList();
    return new PolicyNames(
        history.names(),
        history.deleted(),
        Optional.of(new OfHub(reader.hubName(), gateways, placed)));
  }

  /// What a check of the hub has found about the gateways that the options name.
  ///
  /// @param hub its name
  public record Checked(
      String hub, List<String> gateways, List<GatewayRow<CheckFinding>> findings) {}

  /// Checks the hub, and the gateways that the options name.
  ///
  /// @param quick whether the roll-ups are not added up
  public static Checked check(Invocation call, FleetOptions options, boolean quick) {
    return read(
        call,
        options,
        reader ->
            new Checked(
                reader.hubName(),
                reader.gateways().stream().map(HubGateway::name).toList(),
                new HubCheck(reader, call.now())
                    .findings(quick).stream()
                        .map(found ->
                            new GatewayRow<>(
                                found.gateway().orElse(null),
                                found.finding(),
                                Optional.<Instant>empty()))
                        .toList()));
  }

  private static HubLogin login(Invocation call, FleetOptions options) {
    return HubLogin.of(
        call.settings().hub(options.hub()).orElseThrow(FleetReading::noHub), call.session().env());
  }

  /// The error of a command that needs a hub where none is named.
  public static UserError noHub() {
    return new UserError(
        ExitCode.USAGE,
        "no hub is named; add --hub postgresql://USER@HOST/DATABASE, or set PATRONUS_FLEET or"
            + " 'fleet' in the configuration");
  }
}
