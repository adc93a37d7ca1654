/** The console's services: the name of each, what it is called, and its home page. */

export interface ConsoleService {
  /** The name that AWS uses: `Amazon EC2` is `EC2`. */
  readonly title: string;
  /** The path of its home page in the console, from the links in AWS's documentation. */
  readonly path: string;
  /** Whether the service has one console for all regions. */
  readonly isGlobal?: true;
}

/**
 * The services by the names of their AWS CLI commands, with the few names that people use instead. This is not a complete list: any other
 * page has a path.
 */
export const consoleServices: Readonly<Record<string, ConsoleService>> = {
  acm: { title: "Certificate Manager", path: "acm/home" },
  apigateway: { title: "API Gateway", path: "apigateway/home" },
  appsync: { title: "AppSync", path: "appsync/home" },
  athena: { title: "Athena", path: "athena/home" },
  backup: { title: "Backup", path: "backup/home" },
  batch: { title: "Batch", path: "batch/home" },
  bedrock: { title: "Bedrock", path: "bedrock/home" },
  billing: { title: "Billing and Cost Management", path: "billing/home", isGlobal: true },
  ce: { title: "Cost Explorer", path: "cost-management/home", isGlobal: true },
  cloudformation: { title: "CloudFormation", path: "cloudformation/home" },
  cloudfront: { title: "CloudFront", path: "cloudfront/v4/home", isGlobal: true },
  cloudshell: { title: "CloudShell", path: "cloudshell/home" },
  cloudtrail: { title: "CloudTrail", path: "cloudtrail/home" },
  cloudwatch: { title: "CloudWatch", path: "cloudwatch/home" },
  codeartifact: { title: "CodeArtifact", path: "codesuite/codeartifact/home" },
  codebuild: { title: "CodeBuild", path: "codesuite/codebuild/home" },
  codecommit: { title: "CodeCommit", path: "codesuite/codecommit/home" },
  codedeploy: { title: "CodeDeploy", path: "codesuite/codedeploy/home" },
  codepipeline: { title: "CodePipeline", path: "codesuite/codepipeline/home" },
  cognito: { title: "Cognito", path: "cognito/home" },
  config: { title: "Config", path: "config/home" },
  controltower: { title: "Control Tower", path: "controltower/home" },
  directconnect: { title: "Direct Connect", path: "directconnect/v2/home" },
  dms: { title: "Database Migration Service", path: "dms/v2/home" },
  dynamodb: { title: "DynamoDB", path: "dynamodbv2/home" },
  ec2: { title: "EC2", path: "ec2/home" },
  ecr: { title: "Elastic Container Registry", path: "ecr/home" },
  ecs: { title: "Elastic Container Service", path: "ecs/home" },
  efs: { title: "Elastic File System", path: "efs/home" },
  eks: { title: "Elastic Kubernetes Service", path: "eks/home" },
  elasticache: { title: "ElastiCache", path: "elasticache/home" },
  elasticbeanstalk: { title: "Elastic Beanstalk", path: "elasticbeanstalk/home" },
  emr: { title: "EMR", path: "emr/home" },
  events: { title: "EventBridge", path: "events/home" },
  firehose: { title: "Data Firehose", path: "firehose/home" },
  fsx: { title: "FSx", path: "fsx/home" },
  glue: { title: "Glue", path: "glue/home" },
  guardduty: { title: "GuardDuty", path: "guardduty/home" },
  health: { title: "Health Dashboard", path: "health/home", isGlobal: true },
  iam: { title: "IAM", path: "iam/home", isGlobal: true },
  kafka: { title: "Managed Streaming for Apache Kafka", path: "msk/home" },
  kinesis: { title: "Kinesis", path: "kinesis/home" },
  kms: { title: "Key Management Service", path: "kms/home" },
  lambda: { title: "Lambda", path: "lambda/home" },
  logs: { title: "CloudWatch Logs", path: "cloudwatch/home#logsV2:log-groups" },
  opensearch: { title: "OpenSearch Service", path: "aos/home" },
  organizations: { title: "Organizations", path: "organizations/home", isGlobal: true },
  ram: { title: "Resource Access Manager", path: "ram/home" },
  rds: { title: "RDS", path: "rds/home" },
  redshift: { title: "Redshift", path: "redshiftv2/home" },
  route53: { title: "Route 53", path: "route53/v2/home", isGlobal: true },
  s3: { title: "S3", path: "s3/home" },
  sagemaker: { title: "SageMaker AI", path: "sagemaker/home" },
  secretsmanager: { title: "Secrets Manager", path: "secretsmanager/home" },
  securityhub: { title: "Security Hub", path: "securityhub/home" },
  servicecatalog: { title: "Service Catalog", path: "servicecatalog/home" },
  servicequotas: { title: "Service Quotas", path: "servicequotas/home" },
  ses: { title: "Simple Email Service", path: "ses/home" },
  sns: { title: "Simple Notification Service", path: "sns/v3/home" },
  sqs: { title: "Simple Queue Service", path: "sqs/v3/home" },
  ssm: { title: "Systems Manager", path: "systems-manager/home" },
  sso: { title: "IAM Identity Center", path: "singlesignon/home" },
  stepfunctions: { title: "Step Functions", path: "states/home" },
  support: { title: "Support Center", path: "support/home", isGlobal: true },
  transfer: { title: "Transfer Family", path: "transfer/home" },
  trustedadvisor: { title: "Trusted Advisor", path: "trustedadvisor/home", isGlobal: true },
  vpc: { title: "VPC", path: "vpc/home" },
  waf: { title: "WAF and Shield", path: "wafv2/homev2", isGlobal: true },
  workspaces: { title: "WorkSpaces", path: "workspaces/v2/home" },
  xray: { title: "X-Ray", path: "xray/home" },
};

/** The page of a service: its path, with the region that it shows if one is known. Undefined for text that is not a service's name. */
export function servicePage(name: string, region: string | undefined): { path: string; isGlobal: boolean } | undefined {
  const service = Object.hasOwn(consoleServices, name) ? consoleServices[name] : undefined;
  if (!service) return undefined;
  const { path, isGlobal = false } = service;
  const [page, fragment] = path.split("#");
  const query = isGlobal || region === undefined ? "" : `?region=${region}`;
  return { path: `${page}${query}${fragment === undefined ? "" : `#${fragment}`}`, isGlobal };
}
