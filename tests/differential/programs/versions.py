from things import *

Thing('a', Opts(version='1.2.3', plugin_download_url='https://example.com/x'))
