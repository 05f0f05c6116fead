/// Which path a flow takes and why: what is known of paths, their scores, and the two caches that
/// spare the asking.
///
/// In: policies, paths, endpoints, and a way to the latest metrics. Out: [RoutingDecision],
/// [PathExplanation], and how the caches do. Never knows: SQL, which thread asks, how an answer is
/// printed.
package dev.patronus.route;
