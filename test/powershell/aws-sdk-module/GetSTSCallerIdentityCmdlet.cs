using System.Management.Automation;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace SandboxAwsTools;

/// <summary>Returns the caller's AWS identity, under the cmdlet name that AWS Tools for PowerShell uses.</summary>
[Cmdlet(VerbsCommon.Get, "STSCallerIdentity")]
[OutputType(typeof(GetCallerIdentityResponse))]
public sealed class GetSTSCallerIdentityCmdlet : AwsCommonArgumentsCmdlet
{
    protected override void ProcessRecord()
    {
        try
        {
            var config = new AmazonSecurityTokenServiceConfig();
            Configure(config);
            using var client = new AmazonSecurityTokenServiceClient(ResolveCredentials(), config);
            WriteObject(client.GetCallerIdentityAsync(new GetCallerIdentityRequest(), StopToken).GetAwaiter().GetResult());
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (AmazonServiceException error)
        {
            ThrowTerminatingError(new ErrorRecord(error, error.ErrorCode ?? error.GetType().Name, ErrorCategory.InvalidOperation, this));
        }
        catch (AmazonClientException error)
        {
            ThrowTerminatingError(new ErrorRecord(error, error.GetType().Name, ErrorCategory.InvalidOperation, this));
        }
    }
}
