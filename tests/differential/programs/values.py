from things import *

Thing('a', text='t', number=1, ratio=1.5, big=2**40, flag=True, off=False, nothing=None, empty={}, many=[1, 'two', [3], {'four': None}], deep={'a': {'b': [{'c': 1}]}}, unicode='\u2603')
