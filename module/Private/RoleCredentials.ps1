# The credentials that Use-Role returns. AWS Tools wants an Amazon.Runtime.AWSCredentials, of whichever SDK is loaded by then:
# PowerShell asks an IConvertible to become any type, late, in every runspace, and with no type file.
[NoRunspaceAffinity()]
class RoleCredentials : System.IConvertible {
    [string] $AccessKeyId
    [string] $SecretAccessKey
    [string] $SessionToken
    # UTC
    [System.Nullable[datetime]] $Expiration
    [object] $AssumedRoleUser
    [string] $SourceIdentity
    [System.Nullable[int]] $PackedPolicySize
    [string] $RoleArn
    [string] $Region
    # Itself: a script written for Use-STSRole reads $r.Credentials.AccessKeyId.
    [RoleCredentials] $Credentials
    # Itself: the pipeline binds -Credential of AWS Tools by this name.
    hidden [RoleCredentials] $Credential

    # With -AutoRefresh: the command that gives the same role again, which the AWS SDK runs when the credentials are about to end.
    hidden [string] $RefreshCommand
    # What it became: it keeps the credentials that it got, so that the command is not run for each cmdlet that is given this object.
    hidden [object] $Refreshing

    RoleCredentials() {
        $this.Credentials = $this
        $this.Credential = $this
    }

    [string] ToString() { return "RoleCredentials $($this.RoleArn)" }

    [object] ToType([type] $type, [System.IFormatProvider] $provider) {
        if ($this.RefreshCommand) {
            if ($type.IsInstanceOfType($this.Refreshing)) { return $this.Refreshing }
            $process = $type.Assembly.GetType('Amazon.Runtime.ProcessAWSCredentials', $false)
            if ($null -ne $process -and $type.IsAssignableFrom($process)) {
                $this.Refreshing = [System.Activator]::CreateInstance($process, [object[]]@($this.RefreshCommand))
                return $this.Refreshing
            }
        }
        $session = $type.Assembly.GetType('Amazon.Runtime.SessionAWSCredentials', $false)
        if ($null -eq $session -or -not $type.IsAssignableFrom($session)) {
            if ($type -eq [string]) { return $this.ToString() }
            throw [System.InvalidCastException]::new("RoleCredentials does not convert to $type.")
        }
        if (-not $this.SessionToken) {
            $basic = $type.Assembly.GetType('Amazon.Runtime.BasicAWSCredentials', $true)
            return [System.Activator]::CreateInstance($basic, @($this.AccessKeyId, $this.SecretAccessKey))
        }
        return [System.Activator]::CreateInstance($session, @($this.AccessKeyId, $this.SecretAccessKey, $this.SessionToken))
    }

    # What else an IConvertible must have. Credentials are no number.
    hidden [System.TypeCode] GetTypeCode() { return [System.TypeCode]::Object }
    hidden [string] ToString([System.IFormatProvider] $provider) { return $this.ToString() }
    hidden [bool] ToBoolean([System.IFormatProvider] $provider) { return $true }
    hidden [char] ToChar([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [sbyte] ToSByte([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [byte] ToByte([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [int16] ToInt16([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [uint16] ToUInt16([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [int] ToInt32([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [uint32] ToUInt32([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [int64] ToInt64([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [uint64] ToUInt64([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [float] ToSingle([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [double] ToDouble([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [decimal] ToDecimal([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
    hidden [datetime] ToDateTime([System.IFormatProvider] $provider) { throw [System.InvalidCastException]::new() }
}

function New-RoleCredentials {
    # The object for a result of the core.
    [CmdletBinding()]
    [OutputType('RoleCredentials')]
    param([Parameter(Mandatory)] [hashtable] $Result)

    $credentials = [RoleCredentials]::new()
    $credentials.AccessKeyId = $Result['accessKeyId']
    $credentials.SecretAccessKey = $Result['secretAccessKey']
    $credentials.SessionToken = $Result['sessionToken']
    if ($Result['expiration']) {
        $credentials.Expiration = [datetime]::Parse($Result['expiration'], [cultureinfo]::InvariantCulture, 'RoundtripKind')
    }
    if ($Result['assumedRoleUser']) {
        $credentials.AssumedRoleUser = [pscustomobject]@{
            Arn = $Result['assumedRoleUser']['arn']
            AssumedRoleId = $Result['assumedRoleUser']['assumedRoleId']
        }
    }
    $credentials.SourceIdentity = $Result['sourceIdentity']
    $credentials.PackedPolicySize = $Result['packedPolicySize']
    $credentials.RoleArn = $Result['roleArn']
    $credentials.Region = $Result['region']
    $credentials
}
