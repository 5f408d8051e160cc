"""CloudWatch with boto3: data, metric math, alarms on it, and composite alarms."""
import json
import time
import unittest

from harness import ACCOUNT, REGION, Server, Subscriber, wait_for

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:t"


def stat(identity, name, period=60, statistic="Sum", **more):
    return dict(Id=identity, MetricStat=dict(Metric=dict(Namespace="n", MetricName=name), Period=period, Stat=statistic),
                **more)


class MetricData(unittest.TestCase):
    def test_statistics_percentiles_and_math_agree_with_the_values(self):
        with Server() as server:
            client = server.client("cloudwatch")
            start = int(time.time()) // 60 * 60 - 600
            for minute, values in enumerate(([1, 2, 3], [10], [4, 4, 4, 8])):
                client.put_metric_data(Namespace="n", MetricData=[
                    dict(MetricName="a", Timestamp=start + 60 * minute, Values=values)])
            client.put_metric_data(Namespace="n", MetricData=[dict(MetricName="b", Timestamp=start, Value=100)])
            points = client.get_metric_statistics(
                Namespace="n", MetricName="a", StartTime=start, EndTime=start + 180, Period=180,
                Statistics=["SampleCount", "Sum", "Average", "Minimum", "Maximum"], ExtendedStatistics=["p50"])["Datapoints"]
            self.assertEqual([(p["SampleCount"], p["Sum"], p["Average"], p["Minimum"], p["Maximum"]) for p in points],
                             [(8, 36, 4.5, 1, 10)])
            self.assertEqual(points[0]["ExtendedStatistics"], {"p50": 4})

            def data(*queries, **more):
                return client.get_metric_data(
                    MetricDataQueries=queries, StartTime=start, EndTime=start + 240, ScanBy="TimestampAscending",
                    **more)["MetricDataResults"]
            result = data(stat("a", "a", ReturnData=False), stat("b", "b", ReturnData=False),
                          dict(Id="e", Expression="FILL(b, 0) + a * 2"))
            self.assertEqual([(r["Id"], r["Label"], r["Values"]) for r in result], [("e", "e", [112, 20, 40])])
            result = data(stat("a", "a"), stat("m", "a", statistic="Maximum"))
            self.assertEqual([(r["Label"], r["Values"]) for r in result],
                             [("a Sum", [6, 10, 20]), ("a Maximum", [3, 10, 8])])
            for query in (dict(Id="e", Expression="a +"), dict(Id="e", Expression="nothing * 2"), dict(Id="E"),
                          dict(Id="e", Expression="e")):
                with self.assertRaises(client.exceptions.ClientError) as caught:
                    data(query)
                self.assertEqual(caught.exception.response["Error"]["Code"], "ValidationError")

    def test_is_not_lost_when_several_units_and_dimensions_are_mixed(self):
        with Server() as server:
            client = server.client("cloudwatch")
            now = time.time()
            client.put_metric_data(Namespace="n", MetricData=[
                dict(MetricName="m", Value=1, Unit="Count"), dict(MetricName="m", Value=2, Unit="Seconds"),
                dict(MetricName="m", Value=4, Dimensions=[dict(Name="d", Value="v")])])
            points = client.get_metric_statistics(
                Namespace="n", MetricName="m", StartTime=now - 120, EndTime=now + 120, Period=60, Statistics=["Sum"])
            self.assertEqual(sorted((p["Unit"], p["Sum"]) for p in points["Datapoints"]), [("Count", 1), ("Seconds", 2)])
            self.assertEqual(len(client.list_metrics(Namespace="n")["Metrics"]), 2)
            self.assertEqual(len(client.list_metrics(Dimensions=[dict(Name="d")])["Metrics"]), 1)


class Alarms(unittest.TestCase):
    def test_on_metric_math_ring_at_the_end_of_the_minute(self):
        with Server() as server:
            client = server.client("cloudwatch")
            metrics = [stat("errors", "errors", ReturnData=False), stat("calls", "calls", ReturnData=False),
                       dict(Id="rate", Expression="100 * errors / calls", Label="rate", ReturnData=True)]
            client.put_metric_alarm(
                AlarmName="rate", EvaluationPeriods=1, Threshold=10, ComparisonOperator="GreaterThanThreshold",
                Metrics=metrics)
            alarm = client.describe_alarms(AlarmNames=["rate"])["MetricAlarms"][0]
            self.assertEqual(alarm["Metrics"][2], metrics[2])
            self.assertNotIn("MetricName", alarm)
            before = time.time() - 60
            client.put_metric_data(Namespace="n", MetricData=[
                dict(MetricName="errors", Value=2, Timestamp=before), dict(MetricName="calls", Value=10, Timestamp=before)])
            wait_for(lambda: client.describe_alarms(AlarmNames=["rate"])["MetricAlarms"][0]["StateValue"] == "ALARM",
                     "the alarm", 70)
            with self.assertRaises(client.exceptions.ClientError) as caught:
                client.put_metric_alarm(
                    AlarmName="x", MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1,
                    Threshold=float("inf"), ComparisonOperator="GreaterThanThreshold")
            self.assertLess(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 500)
            for wrong in (metrics[:2], metrics + [dict(Id="x", Expression="rate * 2")]):
                with self.assertRaises(client.exceptions.ClientError):
                    client.put_metric_alarm(AlarmName="x", EvaluationPeriods=1, Threshold=1,
                                            ComparisonOperator="GreaterThanThreshold", Metrics=wrong)

    def test_on_other_alarms_follow_them_and_tell(self):
        with Server() as server, Subscriber() as subscriber:
            client, sns = server.client("cloudwatch"), server.client("sns")
            sns.create_topic(Name="t")
            sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=subscriber.url)
            wait_for(lambda: sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["SubscriptionsConfirmed"] == "1",
                     "the confirmation")
            for name in "ab":
                client.put_metric_alarm(
                    AlarmName=name, MetricName=name, Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1,
                    Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="ignore")
            client.put_composite_alarm(AlarmName="both", AlarmRule='ALARM(a) AND (ALARM("b") OR FALSE)',
                                       AlarmActions=[TOPIC], OKActions=[TOPIC])
            client.put_composite_alarm(AlarmName="above", AlarmRule="NOT OK(both)")

            def state(name):
                return client.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"][0]
            self.assertEqual(state("both")["StateValue"], "OK")
            self.assertIn("was created and its alarm rule evaluates to OK", state("both")["StateReason"])
            client.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="x")
            self.assertEqual(state("both")["StateValue"], "OK")
            client.set_alarm_state(AlarmName="b", StateValue="ALARM", StateReason="x")
            self.assertEqual((state("both")["StateValue"], state("above")["StateValue"]), ("ALARM", "ALARM"))
            self.assertIn("alarm:b transitioned to ALARM at", state("both")["StateReason"])
            client.set_alarm_state(AlarmName="a", StateValue="OK", StateReason="x")
            told = wait_for(lambda: len(subscriber.notifications()) == 3 and subscriber.notifications(), "the messages")
            messages = [json.loads(m["Message"]) for m in told]
            # Couriers work side by side: the order is that of the states, not of the arrivals.
            self.assertEqual(sorted(m["NewStateValue"] for m in messages), ["ALARM", "OK", "OK"])
            alarm = next(m for m in messages if m["NewStateValue"] == "ALARM")
            self.assertEqual(alarm["AlarmRule"], 'ALARM(a) AND (ALARM("b") OR FALSE)')
            self.assertEqual(alarm["TriggeringChildren"][0]["State"]["Value"], "ALARM")
            kinds = [i["AlarmType"] for i in client.describe_alarm_history(AlarmName="both")["AlarmHistoryItems"]]
            self.assertEqual(set(kinds), {"CompositeAlarm"})
            with self.assertRaises(client.exceptions.ClientError):
                client.delete_alarms(AlarmNames=["a"])
            client.delete_alarms(AlarmNames=["above"])
            client.delete_alarms(AlarmNames=["both", "a", "b"])
            for rule in ("ALARM(a", "ALARM(none)", "a OR b", ""):
                with self.assertRaises(Exception):
                    client.put_composite_alarm(AlarmName="x", AlarmRule=rule)


if __name__ == "__main__":
    unittest.main()
