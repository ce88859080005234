"""Each function may do what it needs, to what it needs, and nothing else."""

from collections.abc import Iterator
from typing import Any

from botocore.session import Session

from tests.template.processed import Processed, target_of

# Who may do what to which resource, beside writing its own log. The ports of the use cases say why.
_MAY = {
    "CreateOrder": {
        "dynamodb:PutItem OrdersTable",
        "dynamodb:GetItem ConfigTable",
        "ssm:GetParameters ladder",
        "sqs:SendMessage ExpireQueue",
    },
    "Cashier": {
        *("dynamodb:GetItem OrdersTable", "dynamodb:PutItem OrdersTable"),
        *("dynamodb:GetItem ConfigTable", "sqs:SendMessage QueryQueue"),
    },
    "CreatePayment": {
        *("dynamodb:GetItem OrdersTable", "dynamodb:PutItem OrdersTable"),
        *("dynamodb:GetItem ConfigTable", "sqs:SendMessage QueryQueue"),
        *("ssm:GetParameters secrets/accounts", "ssm:GetParameters ladder"),
    },
    "Callback": {
        *("dynamodb:GetItem OrdersTable", "dynamodb:PutItem OrdersTable"),
        *("dynamodb:PutItem ExceptionsTable", "dynamodb:GetItem ConfigTable"),
        *("ssm:GetParameters secrets/accounts", "sqs:SendMessage QueryQueue"),
        "sqs:SendMessage RefundQueue",
    },
    "Query": {
        *("dynamodb:GetItem OrdersTable", "dynamodb:PutItem OrdersTable"),
        *("dynamodb:BatchGetItem OrdersTable", "ssm:GetParameters ladder"),
        *("dynamodb:PutItem ExceptionsTable", "dynamodb:GetItem ConfigTable"),
        *("ssm:GetParameters secrets/accounts", "sqs:SendMessage QueryQueue"),
        *("sqs:ReceiveMessage QueryQueue", "sqs:DeleteMessage QueryQueue"),
        *("sqs:GetQueueAttributes QueryQueue", "states:StartExecution WaitMachine"),
    },
    "Notify": {
        *("dynamodb:GetItem OrdersTable", "dynamodb:PutItem OrdersTable"),
        *("dynamodb:GetItem ConfigTable", "ssm:GetParameters secrets/lines"),
        *("dynamodb:UpdateItem ConfigTable", "ssm:GetParameters ladder"),
        *("sqs:SendMessage NotifyQueue", "sqs:ReceiveMessage NotifyQueue"),
        *("sqs:DeleteMessage NotifyQueue", "sqs:GetQueueAttributes NotifyQueue"),
        "states:StartExecution WaitMachine",
    },
    "Expire": {
        *("dynamodb:GetItem OrdersTable", "dynamodb:PutItem OrdersTable"),
        *("dynamodb:PutItem ExceptionsTable", "dynamodb:GetItem ConfigTable"),
        *("ssm:GetParameters secrets/accounts", "sqs:SendMessage ExpireQueue"),
        *("sqs:ReceiveMessage ExpireQueue", "sqs:DeleteMessage ExpireQueue"),
        *("sqs:GetQueueAttributes ExpireQueue", "states:StartExecution WaitMachine"),
    },
    "Refund": {
        *("dynamodb:GetItem OrdersTable", "dynamodb:PutItem OrdersTable"),
        *("dynamodb:PutItem ExceptionsTable", "dynamodb:GetItem ConfigTable"),
        *("ssm:GetParameters secrets/accounts", "sqs:SendMessage RefundQueue"),
        *("sqs:ReceiveMessage RefundQueue", "sqs:DeleteMessage RefundQueue"),
        *("sqs:GetQueueAttributes RefundQueue", "states:StartExecution WaitMachine"),
    },
    "Publish": {
        *("dynamodb:DescribeStream OrdersTable", "dynamodb:GetRecords OrdersTable"),
        *("dynamodb:GetShardIterator OrdersTable", "dynamodb:ListStreams OrdersTable"),
        *("dynamodb:PutItem ExceptionsTable", "dynamodb:PutItem MovementsTable"),
        *("sqs:SendMessage NotifyQueue", "sqs:SendMessage PublishFailures"),
        "sqs:SendMessage RefundQueue",
    },
    "Sweep": {
        *("dynamodb:GetItem OrdersTable", "dynamodb:Query OrdersTable/index/owed"),
        *("sqs:SendMessage ExpireQueue", "sqs:SendMessage NotifyQueue"),
        "sqs:SendMessage RefundQueue",
    },
    "TendAccounts": {
        *("dynamodb:GetItem ConfigTable", "dynamodb:UpdateItem ConfigTable"),
        "ssm:GetParameters secrets/accounts",
    },
    "WaitMachine": {
        *("sqs:SendMessage QueryQueue", "sqs:SendMessage ExpireQueue"),
        *("sqs:SendMessage NotifyQueue", "sqs:SendMessage RefundQueue"),
    },
}
_PARAMETERS = (
    "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/paycenter/STAGE/"
)
_FOLDERS = ("secrets/accounts", "secrets/lines", "ladder")


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - IAM takes one or many
    return value if isinstance(value, list) else [value]


def _statements(role: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a role's properties
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert "NotAction" not in statement
            assert "NotResource" not in statement
            for action in _listed(statement["Action"]):
                for resource in _listed(statement["Resource"]):
                    yield action, resource


def _named(resource: Any, stage: str) -> str:  # noqa: ANN401 - text or an intrinsic function
    match resource:
        case {"Fn::Sub": str(text)} if text.startswith(_PARAMETERS.replace("STAGE", stage)):
            return text.removeprefix(_PARAMETERS.replace("STAGE", stage)).removesuffix("/*")
        case {"Fn::Sub": str(text)}:
            return text.replace("${", "").replace(".Arn}", "")
    return target_of(resource)


def test_every_role_may_do_exactly_what_its_function_needs(template: Processed) -> None:
    found = {}
    for name, role in template.of_type("AWS::IAM::Role"):
        if "codedeploy.amazonaws.com" in str(role["AssumeRolePolicyDocument"]):
            continue
        assert "ManagedPolicyArns" not in role, "a managed policy hides wildcards"
        permissions = {
            f"{action} {_named(resource, template.parameters['Stage'])}"
            for action, resource in _statements(role)
        }
        subject = name.removesuffix("Role")
        own_log = {
            f"logs:CreateLogStream {subject}LogGroup",
            f"logs:PutLogEvents {subject}LogGroup",
        }
        assert subject == "WaitMachine" or permissions >= own_log
        found[subject] = permissions - own_log
    assert found == _MAY


def test_no_policy_has_a_wildcard_but_a_folder_of_parameters(template: Processed) -> None:
    for name, role in template.of_type("AWS::IAM::Role"):
        for action, resource in _statements(role) if "Policies" in role else ():
            assert "*" not in action, name
            if "*" in str(resource):
                assert _named(resource, template.parameters["Stage"]) in _FOLDERS, name


def test_every_action_exists(template: Processed) -> None:
    # IAM takes a misspelt action without a word, and the linter does not look here.
    known = {"dynamodb": set[str](), "sqs": set(), "states": set(), "ssm": set(), "logs": set()}
    services = {"states": ["stepfunctions"], "dynamodb": ["dynamodb", "dynamodbstreams"]}
    session = Session()
    for prefix, operations in known.items():
        for service in services.get(prefix, [prefix]):
            operations.update(session.get_service_model(service).operation_names)
    for _, role in template.of_type("AWS::IAM::Role"):
        for action, _ in _statements(role) if "Policies" in role else ():
            prefix, _, operation = action.partition(":")
            assert operation in known[prefix], action


def test_only_its_service_takes_a_role(template: Processed) -> None:
    for name, role in template.of_type("AWS::IAM::Role"):
        principals = [
            principal
            for statement in role["AssumeRolePolicyDocument"]["Statement"]
            for principal in _listed(statement["Principal"]["Service"])
        ]
        service = {"WaitMachineRole": "states", "CodeDeployServiceRole": "codedeploy"}
        assert principals == [f"{service.get(name, 'lambda')}.amazonaws.com"]


def test_each_function_has_a_role_of_its_own(template: Processed) -> None:
    roles = {
        name: target_of(function["Role"])
        for name, function in template.of_type("AWS::Lambda::Function")
    }
    assert roles == {name: f"{name.removesuffix('Function')}Role" for name in roles}
