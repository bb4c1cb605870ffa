//! With quotas enabled, the mock throttles as each service does.

use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;

use crate::client::{Answer, Mock};

fn first_throttle(most: usize, mut call: impl FnMut() -> Answer) -> Answer {
    (0..most)
        .map(|_| call())
        .find(|answer| answer.status >= 400)
        .unwrap_or_else(|| panic!("{most} calls and no throttle"))
}

#[test]
fn each_service_throttles_in_its_own_way() {
    let mock = Mock::with(Options {
        quotas: true,
        ..Options::new(Box::new(Empty))
    });
    let answer = first_throttle(2_000, || {
        mock.rest(
            "111122223333",
            "eu-west-1",
            "lambda",
            "GET",
            "/2015-03-31/functions",
            "",
        )
    });
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (429, Some("TooManyRequestsException")),
        "{}",
        answer.body
    );
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.json()["Reason"], "CallerRateLimitExceeded");

    mock.organizations("111122223333", "CreateOrganization", "{}");
    let answer = first_throttle(200, || {
        mock.organizations("111122223333", "DescribeOrganization", "{}")
    });
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (400, Some("TooManyRequestsException")),
        "{}",
        answer.body
    );

    let answer = first_throttle(2_000, || {
        mock.query("111122223333", "iam", "Action=ListRoles")
    });
    assert_eq!(
        (
            answer.status,
            answer.element("Code"),
            answer.element("Message")
        ),
        (400, Some("Throttling"), Some("Rate exceeded"))
    );
    assert!(
        mock.server()
            .ledger()
            .iter()
            .any(|it| it.operation == "ListRoles" && it.outcome == "Throttling")
    );
}
