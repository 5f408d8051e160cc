"""Every operation is called, and every answer held against botocore's model of the service (see judge.py)."""
import json
import unittest

from botocore.exceptions import ClientError

import judge
from harness import ACCOUNT, Server, Subscriber, now, record, wait_for

SERVICES = ("logs", "cloudwatch", "sns", "cloudtrail", "sts")
ALARM = dict(MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
             ComparisonOperator="GreaterThanOrEqualToThreshold")
UNKNOWN = {"UnknownOperationException", "InvalidAction"}
# Known to the server, and refused with words whatever is asked.
REFUSED = {("logs", "PutSubscriptionFilter"), ("logs", "DeleteSubscriptionFilter")}


def implemented(server):
    """The operations the server knows, of all that botocore does."""
    return {(service, operation) for service in SERVICES
            for client in [server.client(service, parameter_validation=False)]
            for operation in client.meta.service_model.operation_names
            if not client.meta.service_model.operation_model(operation).has_event_stream_output
            and refusal(client, operation) not in UNKNOWN}


def refusal(client, operation):
    """The code with which a call without members is refused; None when it is not."""
    try:
        client._make_api_call(operation, {})
    except ClientError as error:
        return error.response["Error"]["Code"]


class Answers(unittest.TestCase):
    def test_of_every_operation_are_what_the_models_say(self):
        before = set(judge.JUDGED)
        judge.JUDGED.clear()
        with Server() as server, Subscriber(confirms=False) as subscriber:
            self.logs(server.client("logs"))
            self.sns(server.client("sns"), subscriber)
            self.cloudwatch(server.client("cloudwatch"))
            self.cloudtrail(server.client("cloudtrail"))
            server.client("sts").get_caller_identity()
            judged = set(judge.JUDGED)
            missed = implemented(server) - judged - REFUSED
        judge.JUDGED.update(before)
        self.assertEqual(missed, set(), "operations that this test does not call")
        self.assertGreater(len(judged), 75)

    def logs(self, logs):
        group, other = dict(logGroupName="g"), dict(logGroupName="other")
        logs.create_log_group(**group, tags={"k": "v"})
        logs.create_log_group(**other, logGroupClass="INFREQUENT_ACCESS", deletionProtectionEnabled=False)
        logs.put_log_group_deletion_protection(logGroupIdentifier="other", deletionProtectionEnabled=False)
        logs.put_retention_policy(**group, retentionInDays=7)
        arn = logs.describe_log_groups(logGroupNamePrefix="g")["logGroups"][0]["logGroupArn"]
        logs.create_log_stream(**group, logStreamName="s")
        logs.create_log_stream(**group, logStreamName="gone")
        logs.put_metric_filter(
            **group, filterName="f", filterPattern='{ $.eventName = "DeleteTrail" }', metricTransformations=[dict(
                metricName="m", metricNamespace="n", metricValue="1", unit="Count",
                dimensions={"Name": "$.eventName"})])
        logs.put_log_events(**group, logStreamName="s", logEvents=[
            dict(timestamp=now(), message=record("DeleteTrail")), dict(timestamp=now(), message="text é")])
        rejected = logs.put_log_events(**group, logStreamName="s", logEvents=[
            dict(timestamp=now() - 40 * 86_400_000, message="old"), dict(timestamp=now(), message="new")])
        self.assertEqual(rejected["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"], 1)
        logs.describe_log_streams(**group, orderBy="LastEventTime", descending=True)
        logs.get_log_events(**group, logStreamName="s", startFromHead=True, limit=1)
        self.assertEqual(len(logs.filter_log_events(**group, filterPattern="DeleteTrail")["events"]), 1)
        logs.describe_metric_filters()
        logs.test_metric_filter(filterPattern="{ $.a = * }", logEventMessages=['{"a":"b"}', "x"])
        logs.describe_subscription_filters(**group)
        logs.put_resource_policy(policyName="p", policyDocument='{"Version":"2012-10-17","Statement":[]}')
        logs.describe_resource_policies()
        logs.delete_resource_policy(policyName="p")
        logs.tag_resource(resourceArn=arn, tags={"a": "b"})
        logs.list_tags_for_resource(resourceArn=arn)
        logs.untag_resource(resourceArn=arn, tagKeys=["a"])
        logs.tag_log_group(**group, tags={"c": "d"})
        logs.list_tags_log_group(**group)
        logs.untag_log_group(**group, tags=["c"])
        logs.delete_metric_filter(**group, filterName="f")
        logs.delete_log_stream(**group, logStreamName="gone")
        logs.delete_retention_policy(**group)
        logs.delete_log_group(**other)

    def sns(self, sns, subscriber):
        topic = sns.create_topic(Name="t", Tags=[dict(Key="k", Value="v")])["TopicArn"]
        subscription = sns.subscribe(
            TopicArn=topic, Protocol="http", Endpoint=subscriber.url, ReturnSubscriptionArn=True)["SubscriptionArn"]
        token = wait_for(lambda: subscriber.messages, "the confirmation")[0]["Token"]
        sns.confirm_subscription(TopicArn=topic, Token=token)
        sns.set_subscription_attributes(
            SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue='{"a":["b"]}')
        sns.get_subscription_attributes(SubscriptionArn=subscription)
        sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="T")
        sns.get_topic_attributes(TopicArn=topic)
        sns.list_topics()
        sns.list_subscriptions()
        sns.list_subscriptions_by_topic(TopicArn=topic)
        sns.publish(TopicArn=topic, Message="m", Subject="s")
        batch = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
            dict(Id="1", Message="m"), dict(Id="2", Message="")])
        self.assertEqual(([e["Id"] for e in batch["Successful"]], [e["Id"] for e in batch["Failed"]]), (["1"], ["2"]))
        sns.add_permission(TopicArn=topic, Label="l", AWSAccountId=["111122223333"], ActionName=["Publish"])
        sns.remove_permission(TopicArn=topic, Label="l")
        sns.tag_resource(ResourceArn=topic, Tags=[dict(Key="a", Value="b")])
        sns.list_tags_for_resource(ResourceArn=topic)
        sns.untag_resource(ResourceArn=topic, TagKeys=["a"])
        sns.unsubscribe(SubscriptionArn=subscription)
        sns.delete_topic(TopicArn=topic)

    def cloudwatch(self, cloudwatch):
        cloudwatch.put_metric_data(Namespace="n", MetricData=[
            dict(MetricName="m", Value=3, Dimensions=[dict(Name="d", Value="v")]),
            dict(MetricName="m", StatisticValues=dict(SampleCount=2, Sum=3, Minimum=1, Maximum=2), Unit="Count")])
        cloudwatch.list_metrics(Namespace="n", Dimensions=[dict(Name="d")])
        window = dict(StartTime=now() / 1000 - 600, EndTime=now() / 1000 + 60)
        cloudwatch.get_metric_statistics(
            Namespace="n", MetricName="m", Period=60, Statistics=["Sum", "Average"], **window)
        cloudwatch.get_metric_data(MetricDataQueries=[
            dict(Id="a", MetricStat=dict(Metric=dict(Namespace="n", MetricName="m"), Period=60, Stat="Sum")),
            dict(Id="b", Expression="a * 2", Label="twice")], **window)
        cloudwatch.put_metric_alarm(AlarmName="a", AlarmDescription="d", Tags=[dict(Key="k", Value="v")],
                                    TreatMissingData="notBreaching", **ALARM)
        cloudwatch.put_metric_alarm(
            AlarmName="math", EvaluationPeriods=1, Threshold=1, ComparisonOperator="LessThanThreshold", Metrics=[
                dict(Id="a", ReturnData=False, MetricStat=dict(
                    Metric=dict(Namespace="n", MetricName="m", Dimensions=[dict(Name="d", Value="v")]), Period=60,
                    Stat="p90", Unit="Count")), dict(Id="b", Expression="a + 1", Label="l")])
        cloudwatch.put_composite_alarm(
            AlarmName="c", AlarmRule="ALARM(a)", ActionsSuppressor="math", ActionsSuppressorWaitPeriod=10,
            ActionsSuppressorExtensionPeriod=20, AlarmActions=[f"arn:aws:sns:us-east-1:{ACCOUNT}:none"])
        cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="r", StateReasonData='{"x":1}')
        alarms = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        self.assertEqual([a["StateValue"] for a in alarms["CompositeAlarms"]], ["ALARM"])
        cloudwatch.describe_alarms_for_metric(Namespace="n", MetricName="m")
        cloudwatch.describe_alarm_history(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        cloudwatch.disable_alarm_actions(AlarmNames=["a"])
        cloudwatch.enable_alarm_actions(AlarmNames=["a"])
        arn = next(a["AlarmArn"] for a in alarms["MetricAlarms"] if a["AlarmName"] == "a")
        cloudwatch.tag_resource(ResourceARN=arn, Tags=[dict(Key="a", Value="b")])
        cloudwatch.list_tags_for_resource(ResourceARN=arn)
        cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
        widget = dict(type="text", x=0, y=0, width=6, height=6, properties=dict(markdown="m"))
        cloudwatch.put_dashboard(DashboardName="d", DashboardBody=json.dumps({"widgets": [widget]}))
        cloudwatch.list_dashboards()
        cloudwatch.get_dashboard(DashboardName="d")
        cloudwatch.delete_dashboards(DashboardNames=["d"])
        cloudwatch.delete_alarms(AlarmNames=["c"])
        cloudwatch.delete_alarms(AlarmNames=["a", "math"])

    def cloudtrail(self, trail):
        arn = trail.create_trail(
            Name="t-1", S3BucketName="bucket", IsMultiRegionTrail=True, TagsList=[dict(Key="k", Value="v")])["TrailARN"]
        trail.start_logging(Name="t-1")
        trail.get_trail_status(Name="t-1")
        trail.describe_trails()
        trail.get_trail(Name="t-1")
        trail.list_trails()
        trail.update_trail(Name="t-1", EnableLogFileValidation=True)
        trail.put_event_selectors(TrailName="t-1", EventSelectors=[dict(
            ReadWriteType="WriteOnly", IncludeManagementEvents=True,
            DataResources=[dict(Type="AWS::S3::Object", Values=["arn:aws:s3"])])])
        trail.get_event_selectors(TrailName="t-1")
        trail.put_event_selectors(TrailName="t-1", AdvancedEventSelectors=[dict(
            Name="n", FieldSelectors=[dict(Field="eventCategory", Equals=["Management"])])])
        trail.get_event_selectors(TrailName="t-1")
        trail.put_insight_selectors(TrailName="t-1", InsightSelectors=[dict(InsightType="ApiCallRateInsight")])
        trail.get_insight_selectors(TrailName="t-1")
        trail.add_tags(ResourceId=arn, TagsList=[dict(Key="a", Value="b")])
        trail.list_tags(ResourceIdList=[arn])
        trail.remove_tags(ResourceId=arn, TagsList=[dict(Key="a")])
        trail.lookup_events(LookupAttributes=[dict(AttributeKey="EventName", AttributeValue="CreateTrail")])
        trail.stop_logging(Name="t-1")
        trail.delete_trail(Name="t-1")
